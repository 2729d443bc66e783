"""The places on a finding's path, by the text (a file, or a cell of a notebook) they are in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise

from looplint.finding import Finding, Location
from looplint.sources.printable import printable

Text = tuple[str, int | None]  # a file, or a cell of a notebook


@dataclasses.dataclass(slots=True)
class Mark:
    """One place in the code: `start` and `end` as in the finding, `main` for the reported place, `steps` of the path at
    this place, each with its number (from 1; None on a path of one step) and its note."""

    start: Location
    end: Location
    main: bool
    steps: list[tuple[int | None, str]] = dataclasses.field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """The notes on the place, a line for each step."""
        notes = (message if number is None else f"{number}. {message}" for number, message in self.steps)
        return [note for note in (printable(note).strip() for note in notes) if note]

    @property
    def note(self) -> str:
        """All notes on the place, in one line."""
        return "; ".join(self.notes)


def marks_of(finding: Finding) -> dict[Text, list[Mark]]:
    """The marks of each text, by place; the finding's own file comes first, cells of a notebook in their order."""
    texts: dict[Text, list[Mark]] = {}
    own: Text = (finding.filename, finding.cell)
    for number, step in enumerate(finding.trace, 1):
        marks = texts.setdefault((step.filename, step.cell), [])
        place = (step.location, step.end_location)
        mark = next((mark for mark in marks if (mark.start, mark.end) == place), None)
        if mark is None:
            reported = place == (finding.location, finding.end_location) and own == (step.filename, step.cell)
            mark = Mark(*place, main=reported)
            marks.append(mark)
        mark.steps.append((number if len(finding.trace) > 1 else None, step.message))
    if not any(mark.main for mark in texts.get(own, [])):
        texts.setdefault(own, []).append(Mark(finding.location, finding.end_location, main=True))
    for marks in texts.values():
        marks.sort(key=lambda mark: (mark.start, mark.end))
    order = list(texts)
    first = sorted((text for text in order if text[0] == finding.filename), key=lambda text: text[1] or 0)
    return {text: texts[text] for text in [*first, *(text for text in order if text not in first)]}


def name_of(text: Text) -> str:
    """A text as a heading names it: the file, and the cell of a notebook, counted from 1."""
    filename, cell = text
    return printable(filename) + ("" if cell is None else f":cell {cell + 1}")


def shown_rows(marks: Sequence[Mark], source: Sequence[str], before: int, after: int = 0, gap: int = 1) -> list[int]:
    """The marked rows, some before and after each, and gaps of up to `gap` rows, without blank rows at the start or end
    of a piece."""
    marked = {mark.start.row for mark in marks}
    shown: set[int] = set()
    for row in marked:
        shown.update(range(max(1, row - before), min(len(source), row + after) + 1))
    ordered = sorted(shown)
    for low, high in pairwise(ordered):
        if high - low - 1 <= gap:
            shown.update(range(low, high))
    for rows, outside in ((sorted(shown), -1), (sorted(shown, reverse=True), 1)):
        for row in rows:
            if row + outside not in shown and row not in marked and not source[row - 1].strip():
                shown.discard(row)
    return sorted(shown)
