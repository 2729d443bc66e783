"""The work spent on entry points of a file that lead to no candidate for a mistake: after too much of it the rest of
them is skipped."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

FRUITLESS = 12_000
"""Evaluated expressions for entry points that reach no candidate, in a file about training."""

FRUITLESS_ELSEWHERE = 3_000
"""The same in a file without training in its own words. In 119 repositories 11 entry points of such files reach a
training event after more than that: tests, and methods that no loop calls."""

EVENTS_COUNT = FRUITLESS_ELSEWHERE / FRUITLESS
"""The share that counts of the work on an entry point that reaches a training event, in a file without training in its
own words that imports code that trains."""


class Fruitless:
    """The fruitless work on one file's entry points. `own`: its functions that may contain a mistake. `trains`: the
    file is about training. `joins`: it imports code that trains. `bound`: in evaluated expressions."""

    def __init__(self, path: str, own: AbstractSet[ast.AST], *, trains: bool, joins: bool) -> None:
        self._path = path
        self._own = own
        self.bound = FRUITLESS if trains else FRUITLESS_ELSEWHERE
        self._with_events = EVENTS_COUNT if joins and not trains else 1
        self._work = 0.0

    def add(
        self, work: int, inlined: AbstractSet[ast.AST], files_of_loops: Iterable[Collection[str]], events: bool
    ) -> None:
        """Count an entry point that took `work` expressions and inlined these functions. `files_of_loops`: the files
        whose code runs in each of its training loops. `events`: it reached a training event."""
        if not inlined.isdisjoint(self._own) or any(self._path in files for files in files_of_loops):
            return
        self._work += work * self._with_events if events else work

    @property
    def too_much(self) -> bool:
        """Whether the bound is reached: further callers are not read."""
        return self._work > self.bound
