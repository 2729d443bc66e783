"""The code of a finding with marks under the places on the way, in the order of the source."""

from __future__ import annotations

import dataclasses
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from looplint.finding import Finding, Location
from looplint.report._colors import Paint
from looplint.report._context import Context
from looplint.sources.printable import columns, printable, visible

_BEFORE = 2  # rows of code shown above a marked row
_TAB = 4
_NARROW = 30  # columns that a note needs to stand beside its mark rather than below it
_LONGEST = 400  # columns of a row that are shown where there is no terminal to set a width

_Text = tuple[str, int | None]  # a file, or a cell of a notebook


@dataclasses.dataclass(slots=True)
class _Mark:
    """What is said of one place: `start` and `end` as in the finding, `main` for the place that is reported."""

    start: Location
    end: Location
    main: bool
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def note(self) -> str:
        return printable("; ".join(note for note in self.notes if note)).strip()


def frame(finding: Finding, context: Context, paint: Paint) -> list[str]:
    """The lines of the picture: every text that the path passes, each with its marked rows and the rows before them."""
    texts = _marks(finding)
    digits = max(len(str(mark.start.row)) for marks in texts.values() for mark in marks)
    own = (finding.filename, finding.cell)
    lines: list[str] = []
    for number, (text, marks) in enumerate(texts.items()):
        arrow = f"{'':{digits + 2}}{paint('gutter', '-->')} {paint('path', _name(text))}"
        source = context.lines(*text)
        if source is None or any(not 1 <= mark.start.row <= len(source) for mark in marks):
            lines += [f"{arrow}:{mark.start.row}:{mark.start.column} {mark.note}".rstrip() for mark in marks]
            continue
        if text != own or number:
            lines.append(arrow)
        lines += _Picture(source, marks, digits, context.width, finding.severity, paint).lines()
    return lines


def _marks(finding: Finding) -> dict[_Text, list[_Mark]]:
    """The marks of each text, by place; the finding's own file comes first, cells of a notebook in their order."""
    texts: dict[_Text, list[_Mark]] = {}
    own: _Text = (finding.filename, finding.cell)
    for number, step in enumerate(finding.trace, 1):
        marks = texts.setdefault((step.filename, step.cell), [])
        note = printable(step.message) if len(finding.trace) == 1 else f"{number}. {step.message}".rstrip()
        place = (step.location, step.end_location)
        mark = next((mark for mark in marks if (mark.start, mark.end) == place), None)
        if mark is None:
            reported = place == (finding.location, finding.end_location) and own == (step.filename, step.cell)
            mark = _Mark(*place, main=reported)
            marks.append(mark)
        mark.notes.append(note)
    if not any(mark.main for mark in texts.get(own, [])):
        texts.setdefault(own, []).append(_Mark(finding.location, finding.end_location, main=True))
    for marks in texts.values():
        marks.sort(key=lambda mark: (mark.start, mark.end))
    order = list(texts)
    first = sorted((text for text in order if text[0] == finding.filename), key=lambda text: text[1] or 0)
    return {text: texts[text] for text in [*first, *(text for text in order if text not in first)]}


def _name(text: _Text) -> str:
    filename, cell = text
    return printable(filename) + ("" if cell is None else f":cell {cell}")


class _Picture:
    """Rows of one text with their marks. `width`: columns of the terminal, None for no limit."""

    def __init__(
        self, source: Sequence[str], marks: list[_Mark], digits: int, width: int | None, severity: str, paint: Paint
    ) -> None:
        self.source = source
        self.marks = marks
        self.digits = digits
        self.severity = severity
        self.paint = paint
        self.rows = self._shown()
        self.room = max(20, width - digits - 5) if width else None
        self.visible = self.room or _LONGEST
        self.dedent = 0
        code = [_Row(source[row - 1], 0) for row in self.rows if source[row - 1].strip()]
        if any(row.starts[-1] > self.visible for row in code):
            self.dedent = min(row.indent for row in code)

    def lines(self) -> list[str]:
        result = []
        for before, row in zip([self.rows[0] - 1, *self.rows], self.rows, strict=False):
            if row != before + 1:
                result.append(self.paint("gutter", f"  {'...':>{self.digits}}"))
            result += self._row(row)
        return result

    def _shown(self) -> list[int]:
        """The marked rows and some before each, without blank rows at the start of a piece or gaps of a single row."""
        marked = {mark.start.row for mark in self.marks}
        shown = {row for mark in marked for row in range(max(1, mark - _BEFORE), mark + 1)}
        shown |= {row + 1 for row in shown if row + 2 in shown}
        for row in sorted(shown):
            if row - 1 not in shown and row not in marked and not self.source[row - 1].strip():
                shown.discard(row)
        return sorted(shown)

    def _row(self, number: int) -> list[str]:
        marks = [mark for mark in self.marks if mark.start.row == number]
        row = _Row(self.source[number - 1], self.dedent)
        spans = [row.span(mark) for mark in marks]
        shift = row.crop(self.visible, *max(spans, key=lambda span: span[1], default=(0, 0)))
        lines = [self._gutter(str(number)) + row.text]
        for mark, (start, end) in zip(marks, spans, strict=True):
            start = max(0, start - shift)
            end = max(start + 1, min(end - shift, self.visible))
            lines += self._under(mark, start, end)
        return [line.rstrip() for line in lines]

    def _under(self, mark: _Mark, start: int, end: int) -> list[str]:
        """The carets and the note beside them, wrapped, or below them where there is no room beside."""
        meaning = self.severity if mark.main else "way"
        carets = " " * start + self.paint(meaning, "^" * (end - start))
        note = mark.note
        if not note:
            return [self._gutter() + carets]
        beside = None if self.room is None else self.room - end - 1
        if beside is None or columns(note) <= beside:
            return [f"{self._gutter()}{carets} {self.paint(meaning, note)}"]
        assert self.room is not None
        below = start if self.room - start >= _NARROW else max(0, self.room - 2 * _NARROW)
        left = end + 1 if beside >= _NARROW else below
        wrapped = textwrap.wrap(note, self.room - left, break_on_hyphens=False)
        notes = [self._gutter() + " " * left + self.paint(meaning, line) for line in wrapped]
        if left == end + 1:
            return [f"{self._gutter()}{carets} {self.paint(meaning, wrapped[0])}", *notes[1:]]
        return [self._gutter() + carets, *notes]

    def _gutter(self, number: str = "") -> str:
        return self.paint("gutter", f"  {number:>{self.digits}} |") + " "


class _Row:
    """One row of code as it is shown: tabs expanded, control characters escaped, with the column each character
    begins at (`starts`, one more than there are characters)."""

    def __init__(self, text: str, dedent: int) -> None:
        self.raw = text.rstrip("\r\n")
        self.shown: Sequence[str] = self.raw
        self.starts: Sequence[int] = range(len(self.raw) + 1)
        if not (self.raw.isascii() and self.raw.isprintable()):
            self._measure()
        self.indent = self.starts[len(self.raw) - len(self.raw.lstrip())]
        if dedent:
            self.starts = [max(0, start - dedent) for start in self.starts]
            self.shown = [
                shown[: end - start] if shown.isspace() else shown
                for shown, start, end in zip(self.shown, self.starts, self.starts[1:], strict=False)
            ]
        self.text = self.shown if isinstance(self.shown, str) else "".join(self.shown)

    def span(self, mark: _Mark) -> tuple[int, int]:
        """First and last column (exclusive) of a mark in this row; a mark over several rows ends with the first."""
        last = len(self.raw.rstrip())
        end = mark.end.column - 1 if mark.end.row == mark.start.row else last
        first = min(mark.start.column - 1, len(self.raw))
        return self.starts[first], self.starts[max(first, min(end, len(self.raw)))]

    def crop(self, room: int, start: int, end: int) -> int:
        """Cut the row to `room` columns, with most of the columns from `start` to `end` in sight; returns how far it
        moved to the left."""
        if self.starts[-1] <= room:
            return 0
        left = 0 if end < room or start <= room // 2 else max(0, min(start - 8, end - room + 2))
        cut_left, cut_right = "…" if left else "", "…" if self.starts[-1] > left + room else ""
        first = bisect_left(self.starts, left + len(cut_left))
        last = bisect_right(self.starts, left + room - len(cut_right)) - 1
        self.text = cut_left + "".join(self.shown[first:last]) + cut_right
        return left

    def _measure(self) -> None:
        shown, starts = [], [0]
        for char in self.raw:
            shown.append(" " * (_TAB - starts[-1] % _TAB) if char == "\t" else visible(char))
            starts.append(starts[-1] + columns(shown[-1]))
        self.shown, self.starts = shown, starts
