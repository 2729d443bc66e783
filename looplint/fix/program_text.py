"""Python text with its rows, its tree, and the cells or blocks of its rows."""

from __future__ import annotations

import ast
import bisect
import contextlib
import functools
import io
import re
import tokenize
from collections.abc import Sequence

from looplint.finding import Span
from looplint.fix.splice import Refused
from looplint.sources.source import Segment
from looplint.syntax.parse import parse


class ProgramText:
    """A text that parses, addressed by offsets in characters. `segments`: as in `Source`."""

    def __init__(self, text: str, segments: Sequence[Segment] = ()) -> None:
        self.text = text
        self.segments = segments
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    @functools.cached_property
    def tree(self) -> ast.Module:
        """Raises SyntaxError."""
        return parse(self.text)

    @functools.cached_property
    def comments(self) -> list[tuple[int, int]]:
        """The regions of the comments; none after code that this Python cannot split into tokens."""
        found = []
        with contextlib.suppress(tokenize.TokenError, SyntaxError):
            for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
                if token.type == tokenize.COMMENT:
                    start = self.start(token.start[0]) + token.start[1]
                    found.append((start, start + len(token.string)))
        return found

    @property
    def rows(self) -> int:
        """How many rows there are: one more than line feeds."""
        return len(self._starts)

    def start(self, row: int) -> int:
        """The offset of a row's first character."""
        return self._starts[row - 1]

    def end(self, row: int) -> int:
        """The offset after a row's last character, before the line feed."""
        return self._starts[row] - 1 if row < self.rows else len(self.text)

    def row(self, offset: int) -> int:
        """The row of an offset."""
        return bisect.bisect_right(self._starts, offset)

    def offsets(self, span: Span) -> tuple[int, int]:
        """A span as offsets. Raises Refused if it is not in the text."""
        if not 1 <= span.row <= span.end_row <= self.rows:
            raise Refused("the place it names is not in the file")
        start, end = self.start(span.row) + span.column - 1, self.start(span.end_row) + span.end_column - 1
        if start > end or start > self.end(span.row) or end > self.end(span.end_row):
            raise Refused("the place it names is not in the file")
        return start, end

    def offset(self, row: int, utf8_column: int) -> int:
        """`ast` counts columns from 0, in bytes of UTF-8."""
        line = self.text[self.start(row) : self.end(row)]
        if line.isascii():
            return self.start(row) + utf8_column
        return self.start(row) + len(line.encode()[:utf8_column].decode())

    def region(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """The start and end of a node, as offsets."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def bounds(self, row: int) -> tuple[int, int]:
        """First and last row of a row's segment: changes do not cross them."""
        if not self.segments:
            return 1, self.rows
        index = bisect.bisect_right(self.segments, row, key=lambda segment: segment.row) - 1
        segment = self.segments[max(0, index)]
        return segment.row, segment.row + segment.rows - 1

    def lines(self, first: int, last: int) -> tuple[int, int]:
        """The region to delete in order to remove the rows from `first` to `last` and keep the end of the segment."""
        top, bottom = self.bounds(first)
        if last < bottom:
            return self.start(first), self.start(last + 1)
        return (self.end(first - 1) if first > top else self.start(first)), self.end(last)
