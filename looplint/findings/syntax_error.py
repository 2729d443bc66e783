"""Findings for the parts of a source that could not be parsed."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.finding import Finding, Location, Severity
from looplint.project.syntax_error import SYNTAX_ERROR
from looplint.sources import Source


def syntax_errors(source: Source, severity: Severity) -> Iterator[Finding]:
    """One finding for each fault of a source."""
    for fault in source.faults:
        first, last = fault.rows
        rows = f"row {first} was" if first == last else f"rows {first} to {last} were"
        yield Finding(
            code=SYNTAX_ERROR.code,
            name=SYNTAX_ERROR.name,
            severity=severity,
            message=f"this cannot be read: {fault.reason}",
            filename=source.path,
            location=Location(fault.row, fault.column),
            end_location=Location(fault.end_row, fault.end_column),
            cell=fault.cell,
            cell_id=fault.cell_id,
            help=f"{rows} not checked",
            url=SYNTAX_ERROR.url,
        )
