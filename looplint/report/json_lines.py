"""One JSON object a line and finding (jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from looplint.finding import Finding
from looplint.report._context import Context
from looplint.report._data import data


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """The objects of the `json` format, each on a line of its own."""
    for finding in findings:
        stream.write(json.dumps(data(finding, context)) + "\n")
