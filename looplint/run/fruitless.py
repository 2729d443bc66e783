"""The work spent on entry points of a file that lead to no candidate for a mistake: after too much of it the rest of
them is skipped."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

FRUITLESS = 12_000
"""Evaluated expressions for entry points that reach no candidate, in a file about training or one that imports code
that trains."""

FRUITLESS_ELSEWHERE = 3_000
"""The same in any other file, and in a file without training in its own words for entry points that reach no training
event. In 119 repositories 11 of its entry points reach one after more than that: tests, and methods that no loop
calls."""


class Fruitless:
    """The fruitless work on one file's entry points. `own`: its functions that may contain a mistake. `trains`: the
    file is about training. `joins`: it imports code that trains."""

    def __init__(self, path: str, own: AbstractSet[ast.AST], *, trains: bool, joins: bool) -> None:
        self._path = path
        self._own = own
        self._bound = FRUITLESS if trains or joins else FRUITLESS_ELSEWHERE
        self._bound_in_vain = FRUITLESS if trains else FRUITLESS_ELSEWHERE
        self._work = self._in_vain = 0

    def add(
        self, work: int, inlined: AbstractSet[ast.AST], files_of_loops: Iterable[Collection[str]], events: bool
    ) -> None:
        """Count an entry point that took `work` expressions and inlined these functions. `files_of_loops`: the files
        whose code runs in each of its training loops. `events`: it reached a training event."""
        if not inlined.isdisjoint(self._own) or any(self._path in files for files in files_of_loops):
            return
        self._work += work
        self._in_vain += 0 if events else work

    @property
    def bound(self) -> int:
        """The bound that was reached, or the lower one."""
        return self._bound if self._work > self._bound else self._bound_in_vain

    @property
    def too_much(self) -> bool:
        """Whether the bound is reached: further callers are not read."""
        return self._work > self._bound or self._in_vain > self._bound_in_vain
