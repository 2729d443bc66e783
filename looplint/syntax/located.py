"""A concrete tree of libcst with the position of every node."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import libcst as cst

from looplint.syntax.concrete import concrete
from looplint.syntax.lowering.statements import Statements


@dataclasses.dataclass(frozen=True, slots=True)
class ConcreteNode:
    """A node of libcst's tree. `ancestors`: its enclosing nodes, innermost first, the module last."""

    node: cst.CSTNode
    ancestors: tuple[cst.CSTNode, ...]


class Located:
    """The concrete tree of a text with `\\n` newlines. `module`: the tree itself, if already parsed.

    Raises SyntaxError if libcst cannot parse it.

    `regions`: by concrete node (statements and expressions), its start and end as offsets in characters, the end
    exclusive. Brackets around an expression are not part of it, decorators are part of what they decorate.
    """

    def __init__(self, text: str, module: cst.Module | None = None) -> None:
        self.text = text
        self.module = concrete(text) if module is None else module
        recorder = _Recorder(text)
        recorder.module(self.module)
        self.regions = recorder.regions
        self._starts = recorder.starts

    def at(self, start: int, end: int) -> cst.CSTNode | None:
        """The largest expression with exactly this region, else the statement."""
        return self._by_region.get((start, end))

    def node(self, row: int, column: int, end_row: int, end_column: int) -> ConcreteNode | None:
        """The smallest statement or expression around a region, in rows and columns from 1, in characters."""
        start, end = self._starts[row - 1] + column - 1, self._starts[end_row - 1] + end_column - 1
        found = self.at(start, end)
        if found is None:
            around = [node for node, (first, last) in self.regions.items() if first <= start and end <= last]
            found = min(around, key=lambda node: self.regions[node][1] - self.regions[node][0], default=None)
        return None if found is None else ConcreteNode(found, self.ancestors(found))

    def ancestors(self, node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
        """The enclosing nodes of a node, innermost first, the module last."""
        found = []
        while (above := self._parents.get(node)) is not None:
            found.append(above)
            node = above
        return tuple(found)

    @functools.cached_property
    def _by_region(self) -> dict[tuple[int, int], cst.CSTNode]:
        # Inner nodes are recorded before outer ones.
        found: dict[tuple[int, int], cst.CSTNode] = {}
        for node, region in self.regions.items():
            if isinstance(node, cst.BaseExpression) or region not in found:
                found[region] = node
        return found

    @functools.cached_property
    def _parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        parents: dict[cst.CSTNode, cst.CSTNode] = {}
        waiting: list[cst.CSTNode] = [self.module]
        while waiting:
            node = waiting.pop()
            for child in node.children:
                parents[child] = node
                waiting.append(child)
        return parents


class _Recorder(Statements):
    """Records the positions of the concrete nodes."""

    records = True

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.regions: dict[cst.CSTNode, tuple[int, int]] = {}

    def expression(self, node: Any) -> Any:
        new = super().expression(node)
        self.record(node, new)
        return new

    def record(self, node: Any, new: Any) -> None:
        self.regions[node] = self.offset(new.lineno, new.col_offset), self.offset(new.end_lineno, new.end_col_offset)

    def small_statement(self, node: Any) -> Any:
        start = self.skip()
        new = super().small_statement(node)
        self.regions[node] = start, self.at
        return new

    def compound_statement(self, node: Any) -> Any:
        start = self.skip()
        new = super().compound_statement(node)
        self.regions[node] = start, self.at
        return new

    def offset(self, row: int, column: int) -> int:
        """The offset of a place whose column `ast` counts in bytes."""
        first = self.starts[row - 1]
        if self._ascii:
            return first + column
        last = self.starts[row] if row < len(self.starts) else len(self.text)
        return first + len(self.text[first:last].encode()[:column].decode())


def suites(node: cst.CSTNode) -> Iterator[Any]:
    """The blocks of a compound statement, those of an `elif`, `else`, `except`, `finally` or `case` too."""
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop(0)
        if part is None:
            continue
        if isinstance(getattr(part, "body", None), cst.BaseSuite):
            yield part.body
        further: Sequence[Any] = [*getattr(part, "handlers", ()), *getattr(part, "cases", ())]
        waiting += [*further, getattr(part, "orelse", None), getattr(part, "finalbody", None)]
