"""One JSON object per line and finding (jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from looplint.finding import Finding
from looplint.report._context import Context
from looplint.report._data import data, notice_data


def write(findings: Iterable[Finding], stream: TextIO, context: Context) -> None:
    """The objects of the `json` format, each on a line of its own."""
    for finding in findings:
        stream.write(json.dumps(data(finding, context)) + "\n")
    for notice in context.notices:
        if notice.path:
            stream.write(json.dumps(notice_data(notice)) + "\n")
