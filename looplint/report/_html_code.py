"""The code of a finding as HTML, with its path drawn over it: numbered notes, and arrows from each to the next.

Every arrow runs in a lane left of the code: out of its note, along the lane past the rows between, and into the next
note. Each row has its own piece of it, so that rows may wrap and nothing has to be measured.
"""

from __future__ import annotations

import dataclasses
import keyword
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from itertools import accumulate, groupby

from looplint.finding import Finding
from looplint.report._context import Context
from looplint.report._marks import Mark, Text, marks_of, name_of, shown_rows
from looplint.report._row import LONGEST, Row
from looplint.sources import kind_of
from looplint.sources.printable import printable

_BEFORE, _AFTER, _GAP = 3, 1, 6  # rows of code shown before and after a mark, and in a gap before it is left out


@dataclasses.dataclass(slots=True)
class _Line:
    """A row of the drawing. `number`: of the row of code. `column`: where its note begins. `step`: the number of the
    note on the path. `pieces`: of the arrows that pass it."""

    kind: str
    text: str
    number: int | None = None
    column: int | None = None
    step: int | None = None
    pieces: list[str] = dataclasses.field(default_factory=list)
    legs: list[_Leg] = dataclasses.field(default_factory=list)

    def html(self) -> str:
        number = "" if self.number is None else f' data-n="{self.number}"'
        pieces = "".join(self.pieces)
        if self.column is None:
            return f'<div class="r {self.kind}"{number}>{pieces}{self.text}</div>'
        badge = "" if self.step is None else f"<b>{self.step}</b>"
        legs = "".join(leg.html(place, len(self.legs)) for place, leg in enumerate(sorted(self.legs)))
        leg = f'<span class="leg" style="--c:{self.column}">{legs}</span>'
        return f'<div class="r {self.kind}"{number}>{pieces}{leg}{badge}<span>{self.text}</span></div>'


@dataclasses.dataclass(frozen=True, slots=True)
class _Leg:
    """The end of an arrow at a note: the line between the note and the lane."""

    up: bool
    lane: int
    into: bool

    def html(self, place: int, of: int) -> str:
        classes = f"{'up' if self.up else 'down'}{' into' if self.into else ''}"
        return f'<i class="{classes}" style="--l:{self.lane};--y:{place + 1}/{of + 1}"></i>'

    def __lt__(self, other: _Leg) -> bool:
        """Order from top to bottom in which no two legs of one note cross."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, int]:
        return (0, self.lane) if self.up else (1, -self.lane)


class Drawing:
    """Draws the code of findings; tokens of a file are cached for its next finding."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._colored: dict[Text, dict[int, list[tuple[int, int, str]]]] = {}

    def html(self, finding: Finding) -> str:
        """The texts on the path, each with its marked rows and those around them, and the path over them."""
        texts = marks_of(finding)
        lines = [line for text, marks in texts.items() for line in self._lines(text, marks, named=len(texts) > 1)]
        lanes = _draw(lines)
        digits = max((len(str(line.number)) for line in lines if line.number is not None), default=1)
        rows = "".join(line.html() for line in lines)
        return f'<div class="code" style="--digits:{digits};--lanes:{lanes}">{rows}</div>'

    def _lines(self, text: Text, marks: list[Mark], *, named: bool) -> Iterator[_Line]:
        name = escape(name_of(text))
        source = self._context.lines(*text)
        if source is None or any(not 1 <= mark.start.row <= len(source) for mark in marks):
            for mark in marks:
                yield _Line("file", f"{name}:{mark.start.row}:{mark.start.column}")
                yield from _notes(mark, 0)
            return
        if named:
            yield _Line("file", name)
        rows = shown_rows(marks, source, _BEFORE, _AFTER, _GAP)
        dedent = min((Row(source[row - 1], 0).indent for row in rows if source[row - 1].strip()), default=0)
        before = rows[0] - 1
        for row in rows:
            if row != before + 1:
                yield _Line("gap", f"{row - before - 1} rows")
            before = row
            yield from self._row(text, source, row, [mark for mark in marks if mark.start.row == row], dedent)

    def _row(self, text: Text, source: Sequence[str], number: int, marks: list[Mark], dedent: int) -> Iterator[_Line]:
        row = Row(source[number - 1], dedent)
        spans = [row.span(mark) for mark in marks]
        shift = row.crop(LONGEST, *max(spans, key=lambda span: span[1], default=(0, 0)))
        yield _Line("", _code(row, spans, marks, self._colors(text, source).get(number, [])), number)
        for mark, (start, _) in zip(marks, spans, strict=True):
            yield from _notes(mark, max(0, start - shift))

    def _colors(self, text: Text, source: Sequence[str]) -> dict[int, list[tuple[int, int, str]]]:
        if text not in self._colored:
            python = text[1] is not None or kind_of(text[0]) == "python"
            self._colored[text] = _syntax(source) if python else {}
        return self._colored[text]


def _notes(mark: Mark, column: int) -> Iterator[_Line]:
    for step, message in mark.steps:
        if step is not None or message:
            kind = "step main" if mark.main else "step"
            yield _Line(kind, prose(message), column=column, step=step)


def _draw(lines: list[_Line]) -> int:
    """Put the pieces of the arrows into the lines; returns the number of lanes. Short arrows run nearest to
    the code."""
    at = {line.step: place for place, line in enumerate(lines) if line.step is not None}
    arrows = [(at[step], at[step + 1]) for step in sorted(at) if step + 1 in at]
    taken: list[list[tuple[int, int]]] = []
    for start, end in sorted(arrows, key=lambda arrow: abs(arrow[1] - arrow[0])):
        low, high = min(start, end), max(start, end)
        free = (lane for lane, used in enumerate(taken) if all(high <= a or b <= low for a, b in used))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lines[start].legs.append(_Leg(end < start, lane, into=False))
        lines[end].legs.append(_Leg(start < end, lane, into=True))
        for line in lines[low + 1 : high]:
            line.pieces.append(f'<i class="lane" style="--l:{lane}"></i>')
    return len(taken)


def _code(
    row: Row, spans: Sequence[tuple[int, int]], marks: Sequence[Mark], colors: Sequence[tuple[int, int, str]]
) -> str:
    """The characters of a row, with the marks of the path and the colours of Python's syntax."""
    marked: dict[int, int] = {}
    # The reported place is drawn last, over the others.
    for number in sorted(range(len(marks)), key=lambda number: marks[number].main):
        start, end = spans[number]
        for place in range(row.first, row.last):
            if start <= row.starts[place] < end:
                marked[place] = number
    color = {place: kind for start, end, kind in colors for place in range(start, end)}
    parts = ["&hellip;" if row.first else ""]
    for mark, places in groupby(range(row.first, row.last), marked.get):
        inside = "".join(
            f'<span class="{kind}">{text}</span>' if kind else text
            for kind, group in groupby(places, color.get)
            for text in [escape("".join(row.shown[place] for place in group))]
        )
        if mark is None:
            parts.append(inside)
        else:
            parts.append(f"<mark{' class=main' if marks[mark].main else ''}>{inside}</mark>")
    parts.append("&hellip;" if row.last < len(row.raw) else "")
    return "".join(parts)


_STRING = "|".join(
    (
        r"\'\'\'[\s\S]*?(?:\'\'\'|\Z)",
        r'"""[\s\S]*?(?:"""|\Z)',
        r"'(?:\\.|[^'\\\n])*'?",
        r'"(?:\\.|[^"\\\n])*"?',
    )
)
_PARTS = re.compile(
    rf"(?P<c>#.*)|(?P<s>(?<!\w)[rbfutRBFUT]{{0,2}}(?:{_STRING}))|(?P<k>\b(?:{'|'.join(keyword.kwlist)})\b)"
)


def _syntax(source: Sequence[str]) -> dict[int, list[tuple[int, int, str]]]:
    """Comments (`c`), strings (`s`) and keywords (`k`) of each row, as spans of its characters. Invalid Python is
    coloured as far as possible."""
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    begins = list(accumulate((len(row) + 1 for row in source), initial=0))
    for part in _PARTS.finditer("\n".join(source)):
        first = bisect_right(begins, part.start())
        column = part.start() - begins[first - 1]
        for number, inside in enumerate(part[0].split("\n"), first):
            found[number].append((column, column + len(inside), part.lastgroup or ""))
            column = 0
    return found


def prose(text: str) -> str:
    """A sentence as HTML, code in backticks as code."""
    parts = re.split(r"`([^`]*)`", printable(text))
    return "".join(f"<code>{escape(part)}</code>" if place % 2 else escape(part) for place, part in enumerate(parts))
