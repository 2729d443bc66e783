"""Python text with its statements: which one holds a place, where it begins and ends, what else is on its line."""

from __future__ import annotations

import ast
import bisect
import dataclasses
import functools
import re
from collections.abc import Iterator, Sequence

from looplint.finding import Span
from looplint.sources.source import Segment
from looplint.syntax.parse import parse

_SIMPLE_SUITE = re.compile(r"[:;](?:[ \t\f]|\\\n)*\Z")
_JOINT = re.compile(r"[ \t\f]*(?:\\\n[ \t\f]*)*;(?:[ \t\f]|\\\n)*")
_END_OF_LINE = re.compile(r"[ \t\f]*(?:\\\n[ \t\f]*)*;?[ \t\f]*(?:\\\n[ \t\f]*)*(?:#[^\n]*)?(?=\n|\Z)")
_COMMENT_ROW = re.compile(r"([ \t\f]*)(#|\Z)")


class Refused(Exception):
    """A fix that cannot be carried out without harm; the message completes the sentence "not fixed, because ..."."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement with its siblings. `start` and `end` are offsets; decorators belong to what they decorate."""

    node: ast.stmt
    start: int
    end: int
    block: Sequence[Statement]
    parent: Statement | None

    @property
    def compound(self) -> bool:
        """Whether it has a block of its own."""
        return next(_blocks(self.node), None) is not None

    @property
    def before(self) -> Statement | None:
        """The statement before it in its block."""
        index = self.block.index(self)
        return self.block[index - 1] if index else None

    @property
    def after(self) -> Statement | None:
        """The statement behind it in its block."""
        index = self.block.index(self) + 1
        return self.block[index] if index < len(self.block) else None


class Code:
    """A text that parses, addressed by offsets: characters from its start. `segments`: as in `Source`.

    Raises SyntaxError.
    """

    def __init__(self, text: str, segments: Sequence[Segment] = ()) -> None:
        self.text = text
        self.tree = parse(text)
        self.segments = segments
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    @property
    def rows(self) -> int:
        """How many rows there are: one more than line feeds."""
        return len(self._starts)

    def start(self, row: int) -> int:
        """The offset of a row's first character."""
        return self._starts[row - 1]

    def end(self, row: int) -> int:
        """The offset behind a row's last character, before the line feed."""
        return self._starts[row] - 1 if row < self.rows else len(self.text)

    def row(self, offset: int) -> int:
        """The row that an offset is in."""
        return bisect.bisect_right(self._starts, offset)

    def offsets(self, span: Span) -> tuple[int, int]:
        """A span as offsets. Raises Refused when it is not in the text."""
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
        """Where a node stands, as offsets; a statement with its decorators."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        decorators = getattr(node, "decorator_list", ())
        first = decorators[0] if decorators else node
        start = self.offset(first.lineno, first.col_offset)
        if decorators:
            start = self.text.rindex("@", 0, start)
        return start, self.offset(node.end_lineno, node.end_col_offset)

    def bounds(self, row: int) -> tuple[int, int]:
        """First and last row of the segment that a row is in: changes do not cross them."""
        if not self.segments:
            return 1, self.rows
        index = bisect.bisect_right(self.segments, row, key=lambda segment: segment.row) - 1
        segment = self.segments[max(0, index)]
        return segment.row, segment.row + segment.rows - 1

    def holder(self, start: int, end: int) -> Statement:
        """The innermost statement around a region. An `elif` belongs to its `if`. Raises Refused when there is none."""
        found = self.around(start, end)
        if found is None:
            raise Refused("there is no statement at the place it names")
        return found

    def around(self, start: int, end: int) -> Statement | None:
        """As `holder`, None when there is none."""
        found: Statement | None = None
        blocks = [self._outermost]
        while blocks:
            for statement in blocks.pop():
                if statement.start <= start and end <= statement.end:
                    found = statement
                    blocks = [self._block(inner, statement) for inner in _blocks(statement.node)]
                    break
        while found and self.is_elif(found):
            found = found.parent
        return found

    def is_elif(self, statement: Statement) -> bool:
        """Whether an `if` is written as the `elif` of another."""
        return isinstance(statement.node, ast.If) and self.text.startswith("elif", statement.start)

    def leads(self, statement: Statement) -> bool:
        """Whether a statement begins its line: not behind `if x:` or `a();`, not after a backslash."""
        row_start = self.start(self.row(statement.start))
        before = self.text[row_start : statement.start]
        return not before.strip(" \t\f") and not self.text.endswith("\\\n", 0, row_start)

    def joined(self, first: Statement | None, second: Statement | None) -> bool:
        """Whether only a semicolon stands between two statements."""
        return bool(first and second and _JOINT.fullmatch(self.text, first.end, second.start))

    def indentation(self, statement: Statement) -> str:
        """What stands before a statement that leads its line."""
        return self.text[self.start(self.row(statement.start)) : statement.start]

    def line_end(self, statement: Statement) -> int:
        """The offset behind the line that a statement ends on, its comment included. Raises Refused when another
        statement follows on the line."""
        match = _END_OF_LINE.match(self.text, statement.end)
        if not match:
            raise Refused("another statement stands on the same line")
        return match.end()

    def block_end(self, statement: Statement) -> int:
        """As `line_end`, and behind the comments below that are indented deeper than the statement."""
        end = self.line_end(statement)
        if not statement.compound:
            return end
        row = self.row(end)
        for below in range(row + 1, self.bounds(row)[1] + 1):
            comment = _COMMENT_ROW.match(self.text[self.start(below) : self.end(below)])
            if not comment or (comment[2] and len(comment[1]) <= len(self.indentation(statement))):
                break
            if comment[2]:
                end = self.end(below)
        return end

    def lines(self, first: int, last: int) -> tuple[int, int]:
        """The region to cut so that the rows from `first` to `last` are gone, and the segment ends as it ended."""
        top, bottom = self.bounds(first)
        if last < bottom:
            return self.start(first), self.start(last + 1)
        return (self.end(first - 1) if first > top else self.start(first)), self.end(last)

    def unit(self, statement: Statement) -> str:
        """One level of indentation: the file's first that goes with the statement's own (tabs or spaces)."""
        around = self.indentation(statement)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt) and (body := next(_blocks(node), None)):
                outer, inner = self._margin(node), self._margin(body[0])
                unit = inner[len(outer) :]
                if unit and inner.startswith(outer) and (not around or ("\t" in unit) == ("\t" in around)):
                    return unit
        return "\t" if "\t" in around else "    "

    @functools.cached_property
    def _outermost(self) -> list[Statement]:
        return self._block(self.tree.body, None)

    def _margin(self, node: ast.stmt) -> str:
        start, _ = self.region(node)
        line = self.text[self.start(self.row(start)) : start]
        return line if not line.strip(" \t") else ""

    def _block(self, nodes: Sequence[ast.stmt], parent: Statement | None) -> list[Statement]:
        block: list[Statement] = []
        block.extend(Statement(node, *self.region(node), block, parent) for node in nodes)
        return block


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for part in [node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
        for name in ("body", "orelse", "finalbody"):
            if block := getattr(part, name, None):
                yield block
