"""Rows and columns of findings in the protocol's terms: from 0, columns in the client's encoding units."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from looplint.finding import Location

_BYTES_OF_UNIT = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Units:
    """The column units of a client. `encoding`: "utf-8", "utf-16" or "utf-32"."""

    def __init__(self, encoding: str) -> None:
        self._codec, self._size = _BYTES_OF_UNIT[encoding]

    def width(self, text: str) -> int:
        """How many units a text takes."""
        return len(text) if text.isascii() else len(text.encode(self._codec, "surrogatepass")) // self._size

    def characters(self, line: str, units: int) -> int:
        """How many characters precede a column given in units."""
        if line.isascii():
            return min(units, len(line))
        before = line.encode(self._codec, "surrogatepass")[: units * self._size]
        return len(before.decode(self._codec, "ignore"))

    def position(self, lines: Sequence[str], place: Location) -> types.Position:
        """The position of a location; the end of the last line if the text has become shorter."""
        if place.row > len(lines):
            return types.Position(max(0, len(lines) - 1), self.width(lines[-1]) if lines else 0)
        return types.Position(place.row - 1, self.width(lines[place.row - 1][: place.column - 1]))

    def range(self, lines: Sequence[str], start: Location, end: Location) -> types.Range:
        """The range between two locations, end exclusive."""
        return types.Range(self.position(lines, start), self.position(lines, end))

    def location(self, lines: Sequence[str], position: types.Position) -> Location:
        """The inverse of `position`."""
        line = lines[position.line] if position.line < len(lines) else ""
        return Location(position.line + 1, self.characters(line, position.character) + 1)

    def offset(self, text: str, position: types.Position) -> int:
        """How many characters of a text precede a position."""
        start = 0
        for _ in range(position.line):
            end = _NEWLINE.search(text, start)
            if end is None:
                return len(text)
            start = end.end()
        end = _NEWLINE.search(text, start)
        return start + self.characters(text[start : end.start() if end else len(text)], position.character)


_NEWLINE = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a text as the protocol counts them, without their ends. (`str.splitlines` knows more ends.)"""
    return _NEWLINE.split(text)
