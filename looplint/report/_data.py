"""A finding as an object of the JSON formats."""

from __future__ import annotations

from typing import Any

from looplint.finding import Finding, Location
from looplint.notice import Notice
from looplint.report._context import Context, Edit


def data(finding: Finding, context: Context) -> dict[str, Any]:
    """The finding with its fix as text edits in the file; null if they are unavailable.

    Rows and columns count from 1, columns in characters, ends are exclusive; in a notebook they count within `cell`,
    which counts from 1 over all cells.
    """
    edits = context.edits(finding)
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
        "fix": {
            "applicability": finding.fix.applicability,
            "message": finding.fix.message,
            "edits": [_edit(edit, finding) for edit in edits],
        }
        if finding.fix and edits
        else None,
        "url": finding.url,
    }


def _cell(index: int | None) -> int | None:
    return None if index is None else index + 1


def notice_data(notice: Notice) -> dict[str, Any]:
    """A notice in the form of a finding without a code: `name` is its kind."""
    place = {"row": notice.row, "column": 1}
    return {
        "code": "",
        "name": notice.kind,
        "severity": notice.level,
        "message": notice.message,
        "filename": notice.path,
        "cell": _cell(notice.cell),
        "cell_id": None,
        "location": place,
        "end_location": place,
        "trace": [],
        "help": None,
        "fix": None,
        "url": None,
    }


def _location(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}


def _edit(edit: Edit, finding: Finding) -> dict[str, Any]:
    return {
        "filename": edit.filename or finding.filename,
        "content": edit.content,
        "cell": _cell(edit.cell),
        "location": _location(edit.location),
        "end_location": _location(edit.end_location),
    }
