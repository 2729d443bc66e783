"""The first line of every report for people."""

from __future__ import annotations

from looplint.finding import Finding, Severity
from looplint.report._colors import Paint
from looplint.report._position import position
from looplint.sources.printable import printable


def headline(finding: Finding, paint: Paint) -> str:
    """`train.py:11:9: LOOP201 missing-zero-grad: message`: flake8's form, which editors and other tools read."""
    path = paint("path", printable(finding.filename))
    return f"{path}:{position(finding)}: {label(finding, paint)}"


def label(finding: Finding, paint: Paint) -> str:
    """`LOOP201 missing-zero-grad: message`; other severities than error are named: `missing-no-grad (warning):
    message`"""
    code = paint(finding.severity, printable(finding.code))
    level = "" if finding.severity is Severity.ERROR else " " + paint(finding.severity, f"({finding.severity})")
    return f"{code} {paint('name', printable(finding.name))}{level}: {printable(finding.message)}"
