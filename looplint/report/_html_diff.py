"""The change of a fix as HTML: the rows before and after, as a diff shows them."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape

from looplint.finding import Finding
from looplint.report._context import Context, Edit
from looplint.report._row import LONGEST, Row

_AROUND = 2  # rows that stay as they are, shown before and after a change


def diff(finding: Finding, context: Context) -> str:
    """The changed rows with their context; empty if the edits are unavailable."""
    cells: dict[int | None, list[Edit]] = defaultdict(list)
    for edit in context.edits(finding) or ():
        cells[edit.cell].append(edit)
    rows: list[tuple[str, str]] = []
    for cell, edits in cells.items():
        source = context.lines(finding.filename, cell)
        last = max(edit.end_location.row for edit in edits)
        # Code inserted after a last row without a newline is one row below the text.
        if source is not None and min(edit.location.row for edit in edits) >= 1 and last <= len(source) + 1:
            rows += _rows([*source, ""], edits)
    dedent = min((Row(text, 0).indent for _, text in rows if text.strip()), default=0)
    inside = "".join(f'<div class="r {kind}">{_shown(text, dedent)}</div>' for kind, text in rows)
    return f'<div class="diff">{inside}</div>' if rows else ""


def _rows(source: Sequence[str], edits: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    """The kind of each row of the diff ("", "add", "del", "gap") and its text."""
    low = max(0, min(edit.location.row for edit in edits) - 1 - _AROUND)
    high = max(edit.end_location.row for edit in edits) + _AROUND
    before = [f"{row}\n" for row in source[low:high]]
    begins = [0]
    for row in before:
        begins.append(begins[-1] + len(row))
    text = "".join(before)
    for edit in sorted(edits, key=lambda edit: (edit.location, edit.end_location), reverse=True):
        start, end = (begins[place.row - 1 - low] + place.column - 1 for place in (edit.location, edit.end_location))
        text = text[:start] + edit.content + text[end:]
    hunks = 0
    for row in difflib.unified_diff(before, re.findall(r"[^\n]*\n|[^\n]+", text), n=_AROUND):
        if row.startswith("@@"):
            hunks += 1
            if hunks > 1:
                yield "gap", ""
        elif hunks:
            yield {"+": "add", "-": "del"}.get(row[0], ""), row[1:]


def _shown(text: str, dedent: int) -> str:
    row = Row(text, dedent)
    row.crop(LONGEST, 0, 0)
    return escape(row.text)
