"""Azure Pipelines' logging commands: learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from looplint.finding import Finding, Severity
from looplint.report._context import Context
from looplint.report._position import in_file, message_of
from looplint.sources.printable import printable


def write(findings: Iterable[Finding], stream: TextIO, context: Context) -> None:
    """`##vso[task.logissue type=...;sourcepath=...;linenumber=...;columnnumber=...;code=...;]message`; Azure knows
    errors and warnings only."""
    for finding in findings:
        start, _ = in_file(finding, context)
        properties = {
            "type": "error" if finding.severity is Severity.ERROR else "warning",
            "sourcepath": context.relative(finding.filename),
            "linenumber": str(start.row),
            "columnnumber": str(start.column),
            "code": finding.code,
        }
        listed = "".join(f"{key}={_escape(value, ';]')};" for key, value in properties.items())
        stream.write(f"##vso[task.logissue {listed}]{_escape(f'{finding.name}: {message_of(finding)}')}\n")
    for notice in context.notices:
        place = (
            f"sourcepath={_escape(context.relative(notice.path), ';]')};linenumber={notice.row};" if notice.path else ""
        )
        stream.write(f"##vso[task.logissue type=warning;{place}]{_escape(notice.message)}\n")


def _escape(text: str, closing: str = "") -> str:
    escaped = printable(text).replace("%", "%AZP25")
    for char in closing:
        escaped = escaped.replace(char, f"%{ord(char):02X}")
    return escaped
