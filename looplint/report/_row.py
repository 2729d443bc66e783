"""One row of code as people see it: the width of each character, and which part of a long row is shown."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from looplint.report._marks import Mark
from looplint.sources.printable import columns, visible

LONGEST = 400
"""Columns of a row that are shown where no terminal sets a width."""

_TAB = 4


class Row:
    """One displayed row of code: tabs expanded, control characters escaped, with the column of each character
    (`starts`, one more than there are characters), and which of them `crop` leaves (`first` to `last`)."""

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
        self.first, self.last = 0, len(self.raw)
        self.text = self.shown if isinstance(self.shown, str) else "".join(self.shown)

    def span(self, mark: Mark) -> tuple[int, int]:
        """First and last column (exclusive) of a mark in this row; a mark over several rows ends with the first."""
        last = len(self.raw.rstrip())
        end = mark.end.column - 1 if mark.end.row == mark.start.row else last
        first = min(mark.start.column - 1, len(self.raw))
        return self.starts[first], self.starts[max(first, min(end, len(self.raw)))]

    def crop(self, room: int, start: int, end: int) -> int:
        """Cut the row to `room` columns so that most of the columns from `start` to `end` are visible; returns how far
        it moved to the left."""
        if self.starts[-1] <= room:
            return 0
        left = 0 if end < room or start <= room // 2 else max(0, min(start - 8, end - room + 2))
        cut_left, cut_right = "…" if left else "", "…" if self.starts[-1] > left + room else ""
        self.first = bisect_left(self.starts, left + len(cut_left))
        self.last = bisect_right(self.starts, left + room - len(cut_right)) - 1
        self.text = cut_left + "".join(self.shown[self.first : self.last]) + cut_right
        return left

    def _measure(self) -> None:
        shown, starts = [], [0]
        for char in self.raw:
            shown.append(" " * (_TAB - starts[-1] % _TAB) if char == "\t" else visible(char))
            starts.append(starts[-1] + columns(shown[-1]))
        self.shown, self.starts = shown, starts
