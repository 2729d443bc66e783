"""The text of a parsed file: the places of its nodes, and comments."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from looplint.events import Place


class Text:
    """The lines of a file. `path`: its name in places."""

    def __init__(self, path: str, lines: Sequence[str]) -> None:
        self._path = path
        self._lines = lines

    def place(self, node: ast.expr | ast.stmt, head: bool = False) -> Place:
        """The place of a node. `head`: only its first row, without text."""
        row, end_row = node.lineno, node.end_lineno or node.lineno
        column = self._column(row, node.col_offset)
        if head:
            width = len(self._lines[row - 1]) if row <= len(self._lines) else column
            return Place(self._path, row, column, row, max(width, column) + 1)
        end_column = self._column(end_row, node.end_col_offset or 0)
        rows = list(self._lines[row - 1 : end_row])
        if rows:
            rows[-1] = rows[-1][: end_column - 1]
            rows[0] = rows[0][column - 1 :]
        return Place(self._path, row, column, end_row, end_column, "\n".join(rows))

    def comments(self, place: Place) -> str:
        """The comments beside it and on the row above."""
        rows = self._lines[max(place.row - 2, 0) : place.end_row]
        return " ".join(row.partition("#")[2] for row in rows)

    def _column(self, row: int, offset: int) -> int:
        """The column in characters, from 1, of ast's offset in UTF-8 bytes, from 0."""
        line = self._lines[row - 1] if row <= len(self._lines) else ""
        return (offset if line.isascii() else len(line.encode()[:offset].decode(errors="ignore"))) + 1
