"""The line that every report for people begins with."""

from __future__ import annotations

from looplint.finding import Finding
from looplint.report._colors import Paint
from looplint.report._position import position
from looplint.sources.printable import printable


def headline(finding: Finding, paint: Paint) -> str:
    """`train.py:11:9: LOOP201 missing-zero-grad: message`"""
    path = paint("path", printable(finding.filename))
    return f"{path}:{position(finding)}: {label(finding, paint)}"


def label(finding: Finding, paint: Paint) -> str:
    """`LOOP201 missing-zero-grad: message`"""
    code = paint(finding.severity, printable(finding.code))
    return f"{code} {paint('name', printable(finding.name))}: {printable(finding.message)}"
