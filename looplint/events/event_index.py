"""The events of a graph by what rules look for: their kind, their objects, the loops around them, their outputs.

Each list is made when it is first asked for, and made again after events were added.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence

from looplint.events.event import Event
from looplint.events.kinds import Kind
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.search import Effort

_Kinds = tuple[Kind, ...]


class EventIndex:
    """Lookups in the nodes of one graph. The lists that it returns are shared: whoever asks must not change them."""

    def __init__(self, nodes: Sequence[Event | None], effort: Effort) -> None:
        """`nodes`: those of the graph, which may grow. `effort`: what its queries have cost so far."""
        self._nodes = nodes
        self._effort = effort
        self._counted = 0
        self._by_kind: dict[Kind, list[Event]] = {}
        self._by_kinds: dict[_Kinds, list[Event]] = {}
        self._by_subject: dict[tuple[_Kinds, AbstractObject], list[Event]] = {}
        self._by_concern: dict[tuple[_Kinds, AbstractObject], list[Event]] = {}
        self._by_loops: dict[tuple[Kind, tuple[LoopScope, ...]], list[Event]] = {}
        self._by_output: dict[int, list[Event]] = {}
        self._backwards: dict[int, list[Event]] = {}
        self._hiding: dict[int, list[Event]] = {}

    def of(self, kinds: _Kinds) -> list[Event]:
        """The events of these kinds, in source order."""
        self._update()
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        if kinds not in self._by_kinds:
            self._by_kinds[kinds] = [event for event in self._nodes if event is not None and event.kind in kinds]
        return self._by_kinds[kinds]

    def about(self, kinds: _Kinds, thing: AbstractObject) -> list[Event]:
        """The events of these kinds with that very object as a subject."""
        self._update()
        if (kinds, thing) not in self._by_subject:
            self._by_subject[kinds, thing] = [event for event in self.of(kinds) if event.is_subject(thing)]
        return self._by_subject[kinds, thing]

    def concerning(self, kinds: _Kinds, thing: AbstractObject) -> list[Event]:
        """The events of these kinds that may affect the object. Raises TooLarge."""
        self._update()
        if (kinds, thing) not in self._by_concern:
            found = self.of(kinds)
            self._effort.spend(len(found))
            self._by_concern[kinds, thing] = [event for event in found if event.may_concern(thing)]
        return self._by_concern[kinds, thing]

    def inside(self, kinds: _Kinds, scope: LoopScope) -> list[Event]:
        """The events of these kinds inside that loop."""
        found = self.of(kinds)
        low, high = (bisect.bisect_left(found, node, key=lambda event: event.node) for node in scope.nodes)
        return [event for event in found[low:high] if scope in event.loops]

    def nested_with(self, kinds: _Kinds, event: Event) -> list[Event]:
        """The events of these kinds inside all loops of the event, or directly inside one of them or none."""
        self._update()
        if not self._by_loops:
            for each in filter(None, self._nodes):
                self._by_loops.setdefault((each.kind, each.loops), []).append(each)
        outer = (event.loops[:depth] for depth in range(len(event.loops)))
        found = [each for loops in outer for kind in kinds for each in self._by_loops.get((kind, loops), ())]
        found += self.inside(kinds, event.loops[-1]) if event.loops else self.of(kinds)
        return sorted(found, key=lambda each: each.node)

    def leading_to(self, kinds: _Kinds, things: Iterable[AbstractObject]) -> list[Event]:
        """The events of these kinds from whose outputs one of the things was computed."""
        self._update()
        if not self._by_output:
            for event in filter(None, self._nodes):
                for output in event.outputs:
                    self._by_output.setdefault(id(output), []).append(event)
        made_of = {id(one) for thing in things for one in thing.ancestry()}
        found = {e.node: e for one in made_of for e in self._by_output.get(one, ()) if e.kind in kinds}
        return [found[node] for node in sorted(found)]

    def backwards(self, predict: Event, predicted: _Kinds) -> list[Event]:
        """The BACKWARD events of losses that were computed from an output of this event, of the kinds `predicted`."""
        self._update()
        if not self._backwards:
            for backward in self.of((Kind.BACKWARD,)):
                for each in self.leading_to(predicted, backward.subjects):
                    self._backwards.setdefault(id(each), []).append(backward)
        return self._backwards.get(id(predict), [])

    def hiding(self, thing: AbstractObject) -> list[Event]:
        """The events that create an object or pass it to unknown code."""
        self._update()
        if not self._hiding:
            for event in (*self.of((Kind.ESCAPE,)), *self.of((Kind.MAKE,))):
                for subject in event.subjects:
                    self._hiding.setdefault(id(subject), []).append(event)
        return self._hiding.get(id(thing), [])

    def _update(self) -> None:
        """Drop what was found if nodes were added since."""
        if self._counted == len(self._nodes):
            return
        self._by_kinds.clear()
        self._by_subject.clear()
        self._by_concern.clear()
        self._by_loops.clear()
        self._by_output.clear()
        self._backwards.clear()
        self._hiding.clear()
        for node in range(self._counted, len(self._nodes)):
            event = self._nodes[node]
            if event is not None:
                self._by_kind.setdefault(event.kind, []).append(event)
        self._counted = len(self._nodes)
