"""What outlives an iteration, and what is made for one update.

Functions of an event graph; the public ones are its methods as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph
    from looplint.events.object import AbstractObject


def carried(graph: EventGraph, event: Event) -> bool:
    """Whether the subject outlives an iteration in which the event happens: it was created before the loop, so what
    is put into it stays alive into the next iteration, unless it is emptied on every path there."""
    made = event.subject.loops
    if made and made[-1].kind == "comprehension" and made[-1] not in event.loops:
        # An element of a list that is complete; loops over numbers or the list may go from one to the next.
        made = made[:-1]
        around = [scope.over for scope in event.loops[len(made) :]]
        if all(over is not None and over.type in (Type.NUMBER, Type.COLLECTION) for over in around):
            return False
    inside = len(made)
    if len(event.loops) <= inside or event.loops[:inside] != made:
        return False
    # A batch is another one in each pass of the loop that trains with it, whatever yields it.
    trains = (scope for scope in event.loops[inside:] if graph.in_iteration(scope, Kind.BACKWARD))
    if any(scope.over is not None and _is_taken_from(event.subject, scope.over) for scope in trains):
        return False
    # What the metrics of a library hold is their own.
    metrics = [measure.subject for measure in graph.all(Kind.MEASURE) if not measure.subject.related(event.subject)]
    emptied = (e for e in graph.all(Kind.EMPTY) if not any(e.subject is metric for metric in metrics))
    if not any(empty.may_concern(event.subject) for empty in emptied):
        # What happens in the first pass alone puts one value into it.
        if not graph.conditional(event, within=event.loops[inside]):
            return True
        return graph.path(event, to=event, within=made[-1] if made else None) is not None
    # A loop without an update inside is taken to iterate over the parts of one batch.
    whole_batches = any(event.loops[-1] in step.loops for step in graph.all(Kind.STEP))
    return whole_batches and graph.path(event, to=event, avoiding=Kind.EMPTY) is not None


def _is_taken_from(thing: AbstractObject, iterable: AbstractObject) -> bool:
    """Whether something is an element of an iterable, or of one of its elements."""
    seen: set[int] = set()
    while thing.external and thing.owner is None and thing.operands and id(thing) not in seen:
        seen.add(id(thing))
        thing = thing.operands[0]
        if thing is iterable:
            return True
    return False


def ends_with_update(graph: EventGraph, event: Event) -> bool:
    """Whether the subject is a local object made for one update, so that the loops between it and the event iterate
    over the parts of one batch, or repeat the update with that batch."""
    made = event.subject.loops
    parts = event.loops[len(made) :]
    steps = graph.all(Kind.STEP)
    if any(_draws_from_training(graph, part) for part in parts):
        return False
    if parts and all(_is_one_pass_for_each(graph, part) or graph.iterates_over_outputs(part) for part in parts):
        return True
    if event.subject.owner is not None or all(e.loops != made for e in (*steps, *graph.all(Kind.BACKWARD))):
        return False
    if made and made[-1].goes_over_data:
        return not any(part.over is None or part.over.external or part.over.type is Type.LOADER for part in parts)
    return not any(part in step.loops for step in steps for part in parts) and all(map(_over_parts, parts))


def _draws_from_training(graph: EventGraph, scope: LoopScope) -> bool:
    """Whether the loop iterates over a generator that trains between two elements: each belongs to another update."""
    return any(
        event.how == How.GENERATOR and event.loops[-1:] == (scope,) for event in graph.in_iteration(scope, Kind.ESCAPE)
    )


def _is_one_pass_for_each(graph: EventGraph, scope: LoopScope) -> bool:
    """Whether the loop iterates over several optimizers, or over what has one each, and steps one of them in each
    pass."""
    steps = graph.in_iteration(scope, Kind.STEP)
    loader = scope.over is not None and scope.over.type is Type.LOADER
    return any(graph.iterates_over_subject(step, scope) for step in steps) or any(
        not loader and step.loops[-1] is scope and not set(step.subject.loops) <= set(step.loops) for step in steps
    )


def _over_parts(scope: LoopScope) -> bool:
    """Whether a loop counts, or iterates over something computed from a batch: not over batches."""
    over = scope.over
    if over is None or over.external or over.type is Type.LOADER:
        return False
    known = over.type in (Type.NUMBER, Type.COLLECTION)
    return known or any(Fact.DRAWN in one.facts for one in over.ancestry())
