"""The cursor that moves over the text, and the places of nodes."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from typing import Any

import libcst as cst

# The text between two tokens. Commas and semicolons are part of no node but an open tuple, which takes its own.
_BETWEEN = re.compile(r"(?:[ \t\f\n,;]+|\\\n|#[^\n]*)*")
BLANK = re.compile(r"(?:[ \t\f\n]+|\\\n|#[^\n]*)*")


class Cursor:
    """A position in a text. `at`: its offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._ascii = text.isascii()
        self._row, self._first, self._next = 1, 0, self.starts[1] if len(self.starts) > 1 else len(text) + 1

    def skip(self) -> int:
        """Move to the next token; returns its start."""
        self.at = at = _BETWEEN.match(self.text, self.at).end()  # type: ignore[union-attr]
        return at

    def take(self, *widths: int) -> int:
        """Move past tokens of these widths, in characters; returns the start of the first."""
        start = self.skip()
        self.at += widths[0]
        for width in widths[1:]:
            self.skip()
            self.at += width
        return start

    def point(self, offset: int) -> tuple[int, int]:
        """An offset as `ast` counts: the row from 1, the column from 0 in bytes of UTF-8."""
        if not self._first <= offset < self._next:
            starts = self.starts
            self._row = row = bisect_right(starts, offset)
            self._first = starts[row - 1]
            self._next = starts[row] if row < len(starts) else len(self.text) + 1
        if self._ascii:
            return self._row, offset - self._first
        return self._row, len(self.text[self._first : offset].encode())

    def place(self, node: Any, start: int, end: int | None = None) -> Any:
        """The node, from `start` to the cursor (or `end`)."""
        node.lineno, node.col_offset = self.point(start)
        node.end_lineno, node.end_col_offset = self.point(self.at if end is None else end)
        return node

    def trailing(self, there: bool) -> None:
        if there:
            self.at = BLANK.match(self.text, self.at).end() + 1  # type: ignore[union-attr]

    def identifier(self, node: cst.Name) -> str:
        self.take(len(node.value))
        return normal(node.value)


def normal(name: str) -> str:
    """A name as Python keeps it (https://docs.python.org/3/reference/lexical_analysis.html#identifiers)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)
