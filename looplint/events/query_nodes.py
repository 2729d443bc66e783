"""The nodes that a query names: where its path may end, what it must not pass, and what it may use."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Sequence

from looplint.events.edges import Branch, Edge
from looplint.events.event import Event
from looplint.events.event_index import EventIndex
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import EVERYTHING, AbstractObject
from looplint.events.search import Bounds, Effort, Search


class QueryNodes:
    """What the arguments of a query mean in one graph, as indices of its nodes. The sets that it returns are shared:
    whoever asks must not change them."""

    def __init__(
        self, edges: Sequence[Sequence[Edge]], iterations: Sequence[LoopScope], index: EventIndex, effort: Effort
    ) -> None:
        """`edges`, `iterations`: those of the graph, which may grow. `index`: its events. `effort`: what its queries
        have cost so far."""
        self._edges = edges
        self._iterations = iterations
        self._index = index
        self._effort = effort
        self._counted = 0
        self._wanted: dict[tuple[Kind, AbstractObject], set[int]] = {}
        self._avoided: dict[tuple[tuple[Kind, ...], AbstractObject], set[int]] = {}

    def goals(self, to: Kind | Event | Collection[Event], about: AbstractObject) -> set[int]:
        """Where a path may end; of a kind, at the events with that very object as a subject."""
        if isinstance(to, Kind):
            self._update()
            if (to, about) not in self._wanted:
                self._wanted[to, about] = {event.node for event in self._index.about((to,), about)}
            return self._wanted[to, about]
        if isinstance(to, Event):
            return {to.node}
        return {event.node for event in to}

    def blocked(self, avoiding: Kind | Collection[Kind | Event], about: AbstractObject) -> set[int]:
        """What a path must not pass; of a kind, the events that may affect the object. Raises TooLarge."""
        wanted: Sequence[Kind | Event] = [avoiding] if isinstance(avoiding, Kind) else list(avoiding)
        kinds = tuple(item for item in wanted if isinstance(item, Kind))
        if len(kinds) == len(wanted):
            return self._events_of(kinds, about) if kinds else set()
        blocked = {item.node for item in wanted if isinstance(item, Event)}
        return blocked | self._events_of(kinds, about) if kinds else blocked

    def closed_arms(self, search: Search, blocked: Collection[int], start: int, goals: Collection[int]) -> set[int]:
        """The first nodes of the arms that bypass a conditional event which the path must avoid; an arm that holds the
        start or a goal stays open."""
        if not search.branches:
            return set()
        held: dict[Branch, set[int]] = {}
        arms_at = search.arms
        for node in blocked:
            for branch, arm in arms_at[node]:
                held.setdefault(branch, set()).add(arm)
        kept_nodes = sorted({start, *goals})
        return {
            low
            for branch, arms in held.items()
            for arm, (low, high) in enumerate(branch.arms)
            if arm not in arms and not _any_in(kept_nodes, low, high) and not self._in_later_passes(branch, arms, low)
        }

    def bounds(self, within: LoopScope | None) -> Bounds:
        """The whole graph, or one iteration of that loop."""
        if within is None:
            return Bounds(0, len(self._edges), -1)
        return Bounds(*within.nodes, within.head)

    def _update(self) -> None:
        """Drop what was found if nodes were added since."""
        if self._counted != len(self._edges):
            self._wanted.clear()
            self._avoided.clear()
            self._counted = len(self._edges)

    def _events_of(self, kinds: tuple[Kind, ...], about: AbstractObject) -> set[int]:
        """Nodes of the events of these kinds that may affect an object, and of what may hide one."""
        self._update()
        if (kinds, about) not in self._avoided:
            found = {event.node for event in self._index.concerning(kinds, about)}
            hidden = [*self._index.hiding(about), *self._index.hiding(EVERYTHING)]
            self._effort.spend(1 + len(found) + len(hidden))
            keeps_gradients = Kind.CLEAR in kinds
            found |= {e.node for e in hidden if not (keeps_gradients and e.kind is Kind.MAKE and _over_old(e))}
            self._avoided[kinds, about] = found
        return self._avoided[kinds, about]

    def _in_later_passes(self, branch: Branch, arms: set[int], low: int) -> bool:
        """Whether these arms are taken in the first pass of a loop, and the one that begins at `low` in all others."""
        guards = [edge.guard for edge in self._edges[low] if edge.guard is not None and not edge.guard.holds]
        if not guards:
            return False
        passes = {scope.first_pass for scope in self._iterations if scope.first}
        conditions = {guard.condition for guard in guards} & passes
        starts = [self._edges[branch.arms[arm][0]] for arm in arms]
        held = [{edge.guard.condition for edge in edges if edge.guard and edge.guard.holds} for edges in starts]
        return bool(conditions) and all(conditions & one for one in held)


def _over_old(make: Event) -> bool:
    """Whether an optimizer is created in each iteration over a module that stays, with its gradients."""
    if make.subject.type is not Type.OPTIMIZER:
        return False
    around = make.written_loop
    parts = [t for t in make.subject.ancestry() if t.type not in (Type.OPTIMIZER, Type.PARAMETERS, Type.COLLECTION)]
    known = any(part.type is Type.MODULE and part.certain for part in parts)
    return around is not None and known and all(around not in part.loops for part in parts)


def _any_in(ordered: Sequence[int], low: int, high: int) -> bool:
    index = bisect.bisect_left(ordered, low)
    return index < len(ordered) and ordered[index] < high
