"""The findings of each file under its name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TextIO

from looplint.finding import Finding
from looplint.report._colors import painter
from looplint.report._context import Context
from looplint.report._headline import label
from looplint.report._position import position
from looplint.sources.printable import printable


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """A file's name, its findings indented below it with their positions in one column, then an empty line."""
    paint = painter(context.color)
    for filename, group in groupby(findings, key=lambda finding: finding.filename):
        rows = list(group)
        width = max(len(position(finding)) for finding in rows)
        stream.write(paint("path", printable(filename)) + ":\n")
        for finding in rows:
            stream.write(f"  {position(finding):<{width}}  {label(finding, paint)}\n")
        stream.write("\n")
