"""Control flow: the graph's nodes are added in evaluation order, together with their edges.

This module knows Python's control flow (branch, loop, jump), not torch. `ends` are the open ends that connect to the
next node; without ends, the following code is unreachable.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from looplint.events import AbstractObject, Branch, Edge, Event, EventGraph, Guard, LoopScope, Place

End = tuple[int, Guard | None]
NOWHERE = -1


@dataclasses.dataclass(slots=True)
class Target:
    """The target of `break`, `continue`, `return` or `raise`: the open ends to be joined there."""

    ends: list[End] = dataclasses.field(default_factory=list)


class Flow:
    """Builds the graph of one `EventGraph`. While `silent`, code is evaluated for its values only and nothing
    is added."""

    def __init__(self, loop: EventGraph) -> None:
        self.loop = loop
        self.ends: list[End] = []
        self.silent = 0
        self.loops: tuple[LoopScope, ...] = ()
        self.last_pass_tested: set[LoopScope] = set()
        self.add(None)

    @property
    def alive(self) -> bool:
        """Whether control can reach the code that is read next."""
        return bool(self.ends) or not self.loop.nodes

    @property
    def now(self) -> int:
        """Index of the next node: the stamp of what is bound here."""
        return len(self.loop.nodes)

    def counts(self, scope: LoopScope, name: str, function: str) -> bool:
        """Whether a name is a `for` target in that function."""
        return scope.function == function and name in re.findall(r"\w+", scope.target)

    def last_pass(self, scope: LoopScope) -> tuple[Guard, Guard]:
        """The guards of a condition that holds in the last iteration of a loop only."""
        self.last_pass_tested.add(scope)
        condition = f"it is the last pass of row {scope.place.row} [{self.loop.iterations.index(scope)}]"
        return Guard(condition, True, scope.head), Guard(condition, False, scope.head)

    def add(self, event: Event | None) -> int:
        """Add a node; all open ends connect to it."""
        if self.silent:
            if self.ends:
                self.ends = [(NOWHERE, None)]
            return NOWHERE
        node = len(self.loop.nodes)
        self.loop.nodes.append(event)
        self.loop.edges.append([])
        for end, guard in self.ends:
            self.loop.edges[end].append(Edge(node, guard))
        self.ends = [(node, None)]
        if event is not None:
            event.node = node
        return node

    def jump(self, target: Target) -> None:
        """Connect all open ends to the target; what follows is unreachable."""
        target.ends.extend(self.ends)
        self.ends = []

    def require(self, guard: Guard | None) -> None:
        """What follows is reached only if this guard holds, too."""
        if guard is not None and self.ends and not self.silent:
            self.ends = [(end, guard) for end, _ in self.ends]
            self.add(None)

    def branch(self, arms: Sequence[tuple[Guard | None, Callable[[], None]]]) -> None:
        """Branch into these arms, and join after them."""
        if not self.ends:
            return
        node = self.add(None)
        outs: list[End] = []
        ranges = []
        for guard, walk in arms:
            self.ends = [(node, guard)]
            low = self.add(None)
            walk()
            ranges.append((low, self.now))
            outs.extend(self.ends)
        self.ends = outs
        if not self.silent:
            self.loop.branches.append(Branch(node, tuple(ranges)))

    def extend(self, index: int) -> None:
        """The last arm of a branch extends to here: the other one left earlier."""
        branch = self.loop.branches[index]
        (*others, (low, _)) = branch.arms
        self.loop.branches[index] = Branch(branch.node, (*others, (low, self.now)))

    def silently(self) -> _Silently:
        """`with flow.silently()`: evaluate something for its values only, without events; control flow continues from
        where it was."""
        return _Silently(self)

    @contextmanager
    def iteration(
        self,
        kind: str,
        place: Place,
        over: AbstractObject | None,
        *,
        endless: bool,
        again: Target,
        leave: Target,
        target: str = "",
        function: str = "",
        first: tuple[str, str] | None = None,
    ) -> Iterator[None]:
        """A loop whose body is added inside the `with` block. `continue` goes to `again`, `break` to `leave`."""
        head = self.add(None)
        before = self.loops
        outer = before[-1] if before else None
        scope = LoopScope(kind, place, head, (head, head), over, outer, endless, target, function, first)
        if not self.silent:
            self.loop.iterations.append(scope)
            self.loops = (*before, scope)
        yield
        self.ends.extend(again.ends)
        if self.ends:
            latch = self.add(None)
            if not self.silent:
                last = self.last_pass(scope) if scope in self.last_pass_tested else (None, None)
                self.loop.edges[latch].append(Edge(head, last[1]))
                self.ends = [(latch, last[0])]
        if not self.silent:
            scope.nodes = (head, self.now)
        self.loops = before
        if endless:
            self.ends = []

    def join(self, target: Target) -> None:
        """The ends that jumped to the target continue here."""
        self.ends.extend(target.ends)
        target.ends = []


class _Silently:
    """No events for a while."""

    __slots__ = ("_ends", "_flow")

    def __init__(self, flow: Flow) -> None:
        self._flow, self._ends = flow, flow.ends

    def __enter__(self) -> None:
        self._flow.silent += 1
        self._flow.ends = [(NOWHERE, None)]

    def __exit__(self, *error: object) -> None:
        self._flow.silent -= 1
        self._flow.ends = self._ends
