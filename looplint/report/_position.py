"""The position of a finding, as text for people and as numbers for formats that have only files and rows."""

from __future__ import annotations

from looplint.finding import Finding, Location, TraceStep
from looplint.report._context import Context


def position(place: Finding | TraceStep) -> str:
    """Row and column, and the cell before them in a notebook: `12:5`, `cell 3:12:5`. Cells count from 1 for people."""
    cell = "" if place.cell is None else f"cell {place.cell + 1}:"
    return f"{cell}{place.location.row}:{place.location.column}"


def in_file(place: Finding | TraceStep, context: Context) -> tuple[Location, Location]:
    """Start and end in the file itself. In a notebook it is the row of the .ipynb file that contains the code, from its
    first column, or the first row if that is unknown: columns of the code are not columns of its JSON."""
    if place.cell is None:
        return place.location, place.end_location
    start = context.file_row(place.filename, place.cell, place.location.row) or 1
    end = context.file_row(place.filename, place.cell, place.end_location.row) or start
    return Location(start, 1), Location(max(start, end), 1)


def message_of(finding: Finding) -> str:
    """The message for formats without cells: in a notebook it begins with the position inside it."""
    return finding.message if finding.cell is None else f"{position(finding)}: {finding.message}"


def path_lines(finding: Finding) -> list[str]:
    """The path as numbered lines: `1. train.py:12:9: the step uses them`."""
    return [
        f"{number}. {step.filename}:{position(step)}: {step.message}".rstrip(": ")
        for number, step in enumerate(finding.trace, 1)
    ]
