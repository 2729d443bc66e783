"""Reviewdog's diagnostic format: github.com/reviewdog/reviewdog/tree/master/proto/rdf."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TextIO

from looplint.finding import Finding, Location, Severity
from looplint.report._context import Context
from looplint.report._position import in_file, message_of, path_lines

_SEVERITY = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """A `DiagnosticResult`. Its columns count bytes of UTF-8."""
    result = {
        "source": {"name": "looplint"},
        "diagnostics": [_diagnostic(finding, context) for finding in findings],
    }
    json.dump(result, stream, indent=2)
    stream.write("\n")


def _diagnostic(finding: Finding, context: Context) -> dict[str, Any]:
    lines = context.lines(finding.filename, None) if finding.cell is None else None
    diagnostic: dict[str, Any] = {
        "message": "\n".join([f"{finding.name}: {message_of(finding)}", *path_lines(finding)]),
        "location": {
            "path": context.relative(finding.filename),
            "range": _range(*in_file(finding, context), lines),
        },
        "severity": _SEVERITY[finding.severity],
        "code": {"value": finding.code, **({"url": finding.url} if finding.url else {})},
    }
    edits = context.edits(finding) or ()
    # Suggestions are accepted one by one: half of a fix in two places would be worse than none.
    if len(edits) == 1 and edits[0].cell is None and not edits[0].filename:
        [edit] = edits
        diagnostic["suggestions"] = [{"range": _range(edit.location, edit.end_location, lines), "text": edit.content}]
    return diagnostic


def _range(start: Location, end: Location, lines: Sequence[str] | None) -> dict[str, Any]:
    return {"start": _position(start, lines), "end": _position(end, lines)}


def _position(location: Location, lines: Sequence[str] | None) -> dict[str, int]:
    column = location.column
    if lines is not None and 1 <= location.row <= len(lines):
        column = len(lines[location.row - 1][: column - 1].encode("utf-8", "surrogatepass")) + 1
    return {"line": location.row, "column": column}
