"""All findings and notices as one JSON array."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from looplint.finding import Finding
from looplint.report._context import Context
from looplint.report._data import data, notice_data


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """An array of objects, one for each finding, then one without a code for each notice about a file; see
    `looplint.report._data` for their keys."""
    found = [data(finding, context) for finding in findings]
    json.dump([*found, *(notice_data(notice) for notice in context.notices if notice.path)], stream, indent=2)
    stream.write("\n")
