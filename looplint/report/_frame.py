"""The code of a finding with marks under the places on the path, in source order."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from looplint.finding import Finding
from looplint.report._colors import Paint
from looplint.report._context import Context
from looplint.report._marks import Mark, marks_of, name_of, shown_rows
from looplint.report._row import LONGEST, Row
from looplint.sources.printable import columns

_BEFORE = 2  # rows of code shown above a marked row
_NARROW = 30  # columns that a note needs to fit beside its mark rather than below it


def frame(finding: Finding, context: Context, paint: Paint) -> list[str]:
    """The lines of the picture: every text on the path, each with its marked rows and the rows before them."""
    texts = marks_of(finding)
    digits = max(len(str(mark.start.row)) for marks in texts.values() for mark in marks)
    own = (finding.filename, finding.cell)
    lines: list[str] = []
    for number, (text, marks) in enumerate(texts.items()):
        arrow = f"{'':{digits + 2}}{paint('gutter', '-->')} {paint('path', name_of(text))}"
        source = context.lines(*text)
        if source is None or any(not 1 <= mark.start.row <= len(source) for mark in marks):
            lines += [f"{arrow}:{mark.start.row}:{mark.start.column} {mark.note}".rstrip() for mark in marks]
            continue
        if text != own or number:
            lines.append(arrow)
        lines += _Picture(source, marks, digits, context.width, finding.severity, paint).lines()
    return lines


class _Picture:
    """Rows of one text with their marks. `width`: columns of the terminal, None for no limit."""

    def __init__(
        self, source: Sequence[str], marks: list[Mark], digits: int, width: int | None, severity: str, paint: Paint
    ) -> None:
        self.source = source
        self.marks = marks
        self.digits = digits
        self.severity = severity
        self.paint = paint
        self.rows = shown_rows(marks, source, _BEFORE)
        self.room = max(20, width - digits - 5) if width else None
        self.visible = self.room or LONGEST
        self.dedent = 0
        code = [Row(source[row - 1], 0) for row in self.rows if source[row - 1].strip()]
        if any(row.starts[-1] > self.visible for row in code):
            self.dedent = min(row.indent for row in code)

    def lines(self) -> list[str]:
        result = []
        for before, row in zip([self.rows[0] - 1, *self.rows], self.rows, strict=False):
            if row != before + 1:
                result.append(self.paint("gutter", f"  {'...':>{self.digits}}"))
            result += self._row(row)
        return result

    def _row(self, number: int) -> list[str]:
        marks = [mark for mark in self.marks if mark.start.row == number]
        row = Row(self.source[number - 1], self.dedent)
        spans = [row.span(mark) for mark in marks]
        shift = row.crop(self.visible, *max(spans, key=lambda span: span[1], default=(0, 0)))
        lines = [self._gutter(str(number)) + row.text]
        for mark, (start, end) in zip(marks, spans, strict=True):
            start = max(0, start - shift)
            end = max(start + 1, min(end - shift, self.visible))
            lines += self._under(mark, start, end)
        return [line.rstrip() for line in lines]

    def _under(self, mark: Mark, start: int, end: int) -> list[str]:
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
        wrapped = [row for note in mark.notes for row in textwrap.wrap(note, self.room - left, break_on_hyphens=False)]
        notes = [self._gutter() + " " * left + self.paint(meaning, line) for line in wrapped]
        if left == end + 1:
            return [f"{self._gutter()}{carets} {self.paint(meaning, wrapped[0])}", *notes[1:]]
        return [self._gutter() + carets, *notes]

    def _gutter(self, number: str = "") -> str:
        return self.paint("gutter", f"  {number:>{self.digits}} |") + " "
