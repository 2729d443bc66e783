"""States of a model that are kept, and what is done with them later.

Functions of an event graph, as its methods are. A state is the object of a SNAPSHOT, the event that keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.derivation import derivation
from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.options import Option

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def changed_states(graph: EventGraph, snapshot: Event) -> Iterator[tuple[Trace, bool]]:
    """For each step that changes a kept state, a path to it, and over it to a use of the state if there is one; and
    whether there is."""
    state, made = snapshot.object, graph.origin(snapshot.subject)
    if state is None:
        return
    remade = [made] if made is not None else []
    uses = [event for event in graph.all(Kind.LOAD, Kind.SAVE, Kind.ESCAPE) if is_used(event, state)]
    # Another state that the same use may mean is what it means behind the place where that one is taken.
    later = [other for other in graph.all(Kind.SNAPSHOT) if other is not snapshot and not _is_beside(snapshot, other)]
    instead = {use: [other for other in later if _may_mean(use, state, other.object)] for use in uses}
    for path in graph.paths(snapshot, to=graph.all(Kind.STEP, concerning=snapshot.subject), avoiding=remade):
        step = path.events[-1]
        paths = (_to_use(graph, snapshot, step, use, [snapshot, *remade, *instead[use]]) for use in uses)
        used = next(filter(None, paths), None)
        yield (path + used, True) if used else (path, False)


def is_kept_for_others(graph: EventGraph, snapshot: Event) -> bool:
    """Whether the state of some iterations is kept in an attribute that is not read in its own file."""
    around = [scope for scope in snapshot.loops if not scope.is_call]
    kept = snapshot.options.get(Option.FOR_OTHERS) is True
    return kept and bool(around) and graph.conditional(snapshot, within=around[-1])


def is_used(event: Event, state: AbstractObject) -> bool:
    """Whether a state, or something computed from it, is loaded, saved or passed on. Copies of its tensors made in the
    same loop do not change with it."""

    def copied(one: AbstractObject) -> bool:
        return Fact.CLONED in one.facts and _made_in(one) == _made_in(state)

    used = [thing for thing in (*event.subjects, *event.inputs, event.object) if thing is not None]
    return any(one is state for thing in used for one in derivation(thing, through=_operands, until=copied))


def _operands(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    return thing.operands


def _made_in(thing: AbstractObject) -> list[LoopScope]:
    """The loops around the creation of an object, without comprehensions."""
    return [scope for scope in thing.loops if scope.is_written or scope.is_call]


def _may_mean(use: Event, state: AbstractObject, other: AbstractObject | None) -> bool:
    """Whether a use may mean another state, not both of them, as the difference of two states does."""
    if other is None or not is_used(use, other):
        return False
    # One place in the code that is reached in several ways makes the state anew each time.
    if other is state:
        return True
    used = [thing for one in (*use.subjects, *use.inputs) for thing in one.ancestry() if thing.type is Type.UNKNOWN]
    own = [one for one in used if one is not state and one is not other]
    return not any(one.comes_from(state) and one.comes_from(other) for one in own)


def _is_beside(snapshot: Event, other: Event) -> bool:
    """Whether two states are different entries of a dictionary, so that neither replaces the other."""
    entries = snapshot.options.get(Option.ENTRY), other.options.get(Option.ENTRY)
    return None not in entries and entries[0] != entries[1]


def _to_use(graph: EventGraph, snapshot: Event, step: Event, use: Event, instead: list[Event]) -> Trace | None:
    """A path from a step to a use of a state kept before it. The result of a call was kept by the call."""
    around = use.loops[0] if use.how == How.RETURNED else None
    around = around or _creating_loop(graph, snapshot, use) or _filling_loop(graph, snapshot, use)
    if around is None and snapshot.options.get(Option.LOCAL) is True:
        # Another call of the function has another variable.
        around = next((scope for scope in reversed(graph.common(snapshot, use)) if scope.is_call), None)
    if around is not None and not graph.path(snapshot, to=step, within=around):
        return None
    return graph.path(step, to=use, avoiding=instead, doubt=False, within=around)


def _creating_loop(graph: EventGraph, snapshot: Event, use: Event) -> LoopScope | None:
    """Where the state was made before it was given this name: the innermost loop around both that and the use. What a
    helper is passed in each iteration is another state each time."""
    state, here = snapshot.object, snapshot.statement
    if state is None or state.place is None or here is None:
        return None
    if state.place.path == here.path and here.row <= state.place.row <= here.end_row:
        return None
    return graph.innermost(state, use)


def _filling_loop(graph: EventGraph, snapshot: Event, use: Event) -> LoopScope | None:
    """The innermost loop around both the use and the creation of the collection that is used there with the state in
    it: it is another one in each iteration."""
    made = [one for one in (*use.subjects, *use.inputs) if one.type is Type.COLLECTION and not one.external]
    holding = [one for one in made if snapshot.object is not None and one.comes_from(snapshot.object)]
    return next(filter(None, (graph.innermost(one, use) for one in holding)), None)
