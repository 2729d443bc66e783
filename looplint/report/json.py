"""All findings as one JSON array."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from looplint.finding import Finding
from looplint.report._context import Context
from looplint.report._data import data


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """An array of objects; see `looplint.report._data` for their keys."""
    json.dump([data(finding, context) for finding in findings], stream, indent=2)
    stream.write("\n")
