"""One line per finding, as in the error lists of compilers and editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from looplint.finding import Finding
from looplint.report._colors import painter
from looplint.report._context import Context
from looplint.report._headline import headline


def write(findings: Iterable[Finding], stream: TextIO, context: Context) -> None:
    """`train.py:11:9: LOOP201 missing-zero-grad: message [*]`, with `[*]` if `--fix` fixes it."""
    paint = painter(context.color)
    for finding in findings:
        mark = paint("help", " [*]") if finding.fix and finding.fix.applicability == "safe" else ""
        stream.write(headline(finding, paint) + mark + "\n")
