"""Predictions past the wrapper of a module, which would average its gradients over processes.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def averaging_wrappers(graph: EventGraph) -> list[AbstractObject]:
    """The wrappers that average gradients over processes and are made here, or from whose parameters an optimizer that
    steps was made."""
    made = [make.subject for make in graph.all(Kind.MAKE)]
    held = [thing for step in graph.all(Kind.STEP) for thing in step.subject.ancestry()]
    found = {id(one): one for one in (*made, *held) if Fact.AVERAGES_OVER_PROCESSES in one.facts and one.operands}
    return list(found.values())


def trained_past(graph: EventGraph, wrapper: AbstractObject) -> Iterator[tuple[Event, Trace]]:
    """The predictions past that wrapper, of its module or a part of it, with a path from their backward to a step: one
    whose gradients nothing averages. Loops that read gradients may average them by hand."""
    predictions, backwards = graph.all(Kind.PREDICT, Kind.FORWARD), graph.all(Kind.BACKWARD)
    through = [p for p in predictions if p.is_subject(wrapper)]
    recorded = [p for p in through if not graph.unrecorded(p)]
    synced = [b for b in backwards if any(p.leads_to(*b.subjects) for p in recorded)]
    # A prediction that no loss uses still prepares the wrapper for the next backward, whatever that one is about.
    primed = [p for p in recorded if not any(p.leads_to(*b.subjects) for b in backwards)]
    stops = [*synced, *graph.all(Kind.READ, how=How.GRADIENT), *graph.all(Kind.CLEAR)]
    make = next((make for make in reversed(graph.all(Kind.MAKE)) if make.subject is wrapper), None)
    for predict in predictions:
        # Frameworks wrap what is passed to their `prepare`.
        past = Fact.PREPARED not in predict.subject.facts and _is_inside(predict, wrapper)
        if not past or any(p.place == predict.place for p in through):
            continue
        alone = [b for b in graph.backwards_through(predict) if b not in synced]
        alone = [b for b in alone if not any(graph.path(p, to=b, within=graph.innermost(p, b)) for p in primed)]
        path = graph.path(alone, to=graph.all(Kind.STEP, concerning=wrapper), avoiding=stops)
        if path and (make is None or graph.path(make, to=predict, within=graph.innermost(make, predict))):
            yield predict, path


def is_made_beside(graph: EventGraph, wrapper: AbstractObject, predict: Event) -> bool:
    """Whether the function that predicts makes the wrapper, under a name of its own."""
    beside = any(make.subject is wrapper and make.function == predict.function for make in graph.all(Kind.MAKE))
    return beside and wrapper.name != predict.name


def trained_past_framework(graph: EventGraph) -> Iterator[tuple[Event, AbstractObject, Trace]]:
    """The same for predictions with the `.module` of a wrapper that a framework made: each with that wrapper."""
    stops = [*graph.all(Kind.READ, how=How.GRADIENT), *graph.all(Kind.CLEAR)]
    for predict in graph.all(Kind.PREDICT):
        wrapper = predict.subject.owner
        if wrapper is not None and Fact.PAST_WRAPPER in predict.subject.facts:
            alone, steps = graph.backwards_through(predict), graph.all(Kind.STEP, concerning=wrapper)
            if path := graph.path(alone, to=steps, avoiding=stops):
                yield predict, wrapper, path


def _is_inside(predict: Event, wrapper: AbstractObject) -> bool:
    """Whether the module inside the wrapper predicts or, in a method of its own, a part of it."""
    return any(wrapper.operands[0] in one.owners() for one in predict.subjects)
