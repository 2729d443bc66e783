"""A finding as the JSON formats give it."""

from __future__ import annotations

from typing import Any

from looplint.finding import Finding, Location
from looplint.report._context import Context, Edit


def data(finding: Finding, context: Context) -> dict[str, Any]:
    """The finding with its fix as changes of text in the file (`edits` is empty where they cannot be had).

    Rows and columns count from 1, columns in characters, ends are exclusive; in a notebook they count inside `cell`,
    which counts from 1 over all cells.
    """
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "message": finding.message,
        "filename": finding.filename,
        "cell": _cell(finding.cell),
        "cell_id": finding.cell_id,
        "location": _location(finding.location),
        "end_location": _location(finding.end_location),
        "trace": [
            {
                "filename": step.filename,
                "cell": _cell(step.cell),
                "row": step.location.row,
                "column": step.location.column,
                "message": step.message,
            }
            for step in finding.trace
        ],
        "help": finding.help,
        "fix": finding.fix
        and {
            "applicability": finding.fix.applicability,
            "message": finding.fix.message,
            "edits": [_edit(edit) for edit in context.edits(finding) or ()],
        },
        "url": finding.url,
    }


def _cell(index: int | None) -> int | None:
    return None if index is None else index + 1


def _location(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "content": edit.content,
        "cell": _cell(edit.cell),
        "location": _location(edit.location),
        "end_location": _location(edit.end_location),
    }
