"""Path search: conditions as bits, with bounded effort."""

from __future__ import annotations

import functools
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from looplint.events.edges import Branch, Edge
from looplint.events.loop_scope import LoopScope

SIMPLE = 200
"""Nodes visited after which a search merges paths that differ only in conditions that are not tested again."""

WORK_LIMIT = 1_000_000
"""Nodes that the queries of one rule may visit on one graph; beyond it the rule does not answer there (`TooLarge`), and
a notice says so. A million takes about one second of processor time; the median of 1,221 graphs needs 400, the 99th
percentile 720,000."""


class TooLarge(Exception):
    """The graph is too large for a rule: its queries would cost more than `WORK_LIMIT`."""


class Effort:
    """The cost of the queries on one graph, in nodes visited."""

    def __init__(self) -> None:
        self._spent = 0

    def renew(self) -> None:
        """Start counting from zero."""
        self._spent = 0

    def spend(self, work: int) -> None:
        """Raises TooLarge if the total exceeds `WORK_LIMIT`."""
        self._spent += work
        if self._spent > WORK_LIMIT:
            raise TooLarge


class Bounds(NamedTuple):
    """The nodes that a path may use: first, one past the last, and the loop head that it must not return to."""

    low: int
    high: int
    head: int


_State = tuple[int, int]
"""A node, and the conditions tested on the path to it, one bit each: in the upper half those that held, in the lower
half those that did not."""

_CONSTANT = r"(?:'[^']*'|-?\d+)"
_COMPARED = re.compile(rf"(.+) (?:== ({_CONSTANT})|in [(\[{{]({_CONSTANT}(?:, {_CONSTANT})*),?[)\]}}]) (\[.*\])")


def _one_of(conditions: Iterable[str]) -> dict[str, list[str]]:
    """For each condition, those that exclude it: the same expression compared with other constants."""
    values: dict[tuple[str, str], dict[str, set[str]]] = {}
    for condition in conditions:
        if match := _COMPARED.fullmatch(condition):
            constants = set(re.findall(_CONSTANT, match[2] or match[3]))
            values.setdefault((match[1], match[4]), {})[condition] = constants
    return {
        one: [other for other, others in group.items() if constants.isdisjoint(others)]
        for group in values.values()
        for one, constants in group.items()
    }


def _is_known(met: int, known: list[int]) -> bool:
    """Whether an earlier path had a subset of these conditions: it reaches everything that this one can."""
    # The latest first, since most paths differ little from it; a plain loop, since no other line runs as often.
    for one in reversed(known):  # noqa: SIM110
        if one & met == one:
            return True
    return False


class Search:
    """The edges of a graph with their conditions as bits.

    Only conditions that can contradict each other have a bit: those of two branches, and those of a branch in a loop
    that does not change what they read. `out`: by node, its outgoing edges, each as target, conditions that it adds,
    conditions that contradict it. `branches`: those of the graph.
    """

    def __init__(
        self,
        edges: Sequence[Sequence[Edge]],
        branches: Sequence[Branch],
        iterations: Sequence[LoopScope],
        effort: Effort,
    ) -> None:
        self.branches = branches
        self._effort = effort
        met: dict[str, set[int]] = {}
        since: dict[str, int] = {}
        for node, outgoing in enumerate(edges):
            for edge in outgoing:
                if edge.guard is not None:
                    met.setdefault(edge.guard.condition, set()).add(node)
                    since[edge.guard.condition] = edge.guard.since
        ranges = [iteration.nodes for iteration in iterations]
        beside = _one_of(met)
        firsts = {iteration.head: iteration.first_pass for iteration in iterations}
        counted = frozenset(firsts.values())

        def matters(condition: str, nodes: set[int]) -> bool:
            return (
                len(nodes) > 1
                or condition in counted
                or bool(beside.get(condition))
                or any(low <= node < high and since[condition] < low for node in nodes for low, high in ranges)
            )

        bits = {c: 1 << i for i, c in enumerate(c for c, nodes in met.items() if matters(c, nodes))}
        half = len(bits)
        self._since = [(bit << half | bit, since[condition]) for condition, bit in bits.items()]
        self._forgotten: dict[int, int] = {}
        self._met: dict[int, int] = {}
        # By loop head: what is known in each pass but the first.
        self._again = {head: bits[one] for head, one in firsts.items() if one in bits}
        self.out: list[list[tuple[int, int, int]]] = []
        for node, outgoing in enumerate(edges):
            row = []
            for edge in outgoing:
                bit = bits.get(edge.guard.condition, 0) if edge.guard is not None else 0
                enters = self._again.get(edge.target, 0) << half if node < edge.target else 0
                if edge.guard is not None and edge.guard.holds:
                    others = sum(bits.get(other, 0) for other in beside.get(edge.guard.condition, ()))
                    row.append((edge.target, bit << half | others | enters, others << half | bit))
                else:
                    row.append((edge.target, bit | enters, bit << half))
            self.out.append(row)

    def leads(self, start: int, goals: Collection[int], blocked: Collection[int], bounds: Bounds) -> bool:
        """Whether any path connects a node with a goal, conditions ignored."""
        return self.leading(goals, blocked, bounds)(start)

    def leading(self, goals: Collection[int], blocked: Collection[int], bounds: Bounds) -> Callable[[int], bool]:
        """A predicate: whether any path connects a node with a goal, conditions ignored."""
        leading = self._leading(goals, blocked, bounds)
        return lambda start: any(target in leading and target != bounds.head for target, _, _ in self.out[start])

    def reached(self, start: int, goals: Collection[int], blocked: Collection[int], bounds: Bounds) -> int | None:
        """The first goal reached from a node, or None."""
        low, high, head = bounds
        leading = self._leading(goals, blocked, bounds)
        live: Mapping[int, int] = {}
        seen: dict[int, list[int]] = {}
        queue: deque[_State] = deque([(start, self._met_at(start))])
        visited = 0
        while queue:
            visited += 1
            self._effort.spend(1)
            if visited == SIMPLE:
                live = self._live(leading)
            # Of several goals the nearest is wanted: breadth first; a single one is found sooner depth first.
            node, met_here = queue.pop() if len(goals) == 1 else queue.popleft()
            for target, adds, contradicts in self.out[node]:
                if target == head or not low <= target < high or met_here & contradicts:
                    continue
                met = met_here | adds
                if target <= node:
                    met = met & ~self._forgotten_at(target) | self._again.get(target, 0)
                if target in goals:
                    return target
                if target in blocked or target not in leading:
                    continue
                if live:
                    met &= live[target]
                known = seen.setdefault(target, [])
                # Where many conditions meet, states are compared far more often than they are visited.
                self._effort.spend(len(known) // 16)
                if _is_known(met, known):
                    continue
                known.append(met)
                queue.append((target, met))
        return None

    def nearby(
        self, start: int, goals: Collection[int], blocked: Collection[int], bounds: Bounds
    ) -> tuple[bool, int | None]:
        """The first goal within `SIMPLE` steps of the search, and whether that answer is final: with nothing left to
        search, no goal is one. The cost of a query thus depends on its own loop, not on how many others the file
        has."""
        low, high, head = bounds
        seen: dict[int, list[int]] = {}
        queue: deque[_State] = deque([(start, self._met_at(start))])
        for _ in range(SIMPLE):
            if not queue:
                return True, None
            self._effort.spend(1)
            node, met_here = queue.popleft()
            for target, adds, contradicts in self.out[node]:
                if target == head or not low <= target < high or met_here & contradicts:
                    continue
                met = met_here | adds
                if target <= node:
                    met = met & ~self._forgotten_at(target) | self._again.get(target, 0)
                if target in goals:
                    return True, target
                known = seen.setdefault(target, [])
                if target in blocked or _is_known(met, known):
                    continue
                known.append(met)
                queue.append((target, met))
        return False, None

    def _leading(self, goals: Collection[int], blocked: Collection[int], bounds: Bounds) -> set[int]:
        """The nodes from which a goal is reachable, conditions ignored: every path stays inside them."""
        low, high, head = bounds
        into = self._into
        found = {goal for goal in goals if low <= goal < high and goal != head}
        stack = list(found)
        while stack:
            for node in into[stack.pop()]:
                if node not in found and node not in blocked and low <= node < high:
                    found.add(node)
                    if node != head:
                        stack.append(node)
        self._effort.spend(len(found))
        return found

    def _met_at(self, node: int) -> int:
        """The conditions known at a node, whichever path leads to it: those of the arms around it."""
        if node not in self._met:
            met = 0
            for branch, arm in self.arms[node]:
                low = branch.arms[arm][0]
                for target, adds, _ in self.out[branch.node]:
                    if target == low:
                        met |= adds
                while low < node and len(self.out[low]) == 1 and any(self.out[low][0][1:]):
                    low, adds, _ = self.out[low][0]
                    if low in self._again:
                        break
                    met |= adds
            self._met[node] = met
        return self._met[node]

    @functools.cached_property
    def arms(self) -> list[tuple[tuple[Branch, int], ...]]:
        """By node, the arms that it stands in, outermost first: each as its branch and its number in it."""
        begins = {low: (branch, arm) for branch in self.branches for arm, (low, _) in enumerate(branch.arms)}
        ends = {high for branch in self.branches for _, high in branch.arms}
        inside: tuple[tuple[Branch, int], ...] = ()
        found = []
        for node in range(len(self.out)):
            if node in ends:
                inside = tuple((branch, arm) for branch, arm in inside if node < branch.arms[arm][1])
            if node in begins:
                inside = (*inside, begins[node])
            found.append(inside)
        return found

    @functools.cached_property
    def _into(self) -> list[list[int]]:
        """By node, its predecessors."""
        into: list[list[int]] = [[] for _ in self.out]
        for node, edges in enumerate(self.out):
            for target, _, _ in edges:
                into[target].append(node)
        return into

    def _live(self, within: Collection[int]) -> dict[int, int]:
        """By node, the conditions that some path from there through these nodes still tests. What was decided about
        others no longer matters, and paths that differ in nothing else are merged."""
        live = dict.fromkeys(within, 0)
        ordered = sorted(within, reverse=True)
        grown = True
        while grown:
            grown = False
            for node in ordered:
                bits = live[node]
                for target, adds, contradicts in self.out[node]:
                    if target in live:
                        later = live[target] if target > node else live[target] & ~self._forgotten_at(target)
                        bits |= adds | contradicts | later
                grown |= bits != live[node]
                live[node] = bits
        return live

    def _forgotten_at(self, head: int) -> int:
        """The conditions that are unknown again in the next iteration of a loop: it changes what they read."""
        if head not in self._forgotten:
            self._forgotten[head] = sum(bit for bit, since in self._since if since >= head)
        return self._forgotten[head]
