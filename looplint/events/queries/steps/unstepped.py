"""Optimizers and engines that compute gradients and never step, and whether they may step elsewhere.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def cleared_again(graph: EventGraph) -> Iterator[tuple[str, Trace]]:
    """The optimizers whose gradients are cleared, computed and cleared again: each with its name and that path."""
    for clear in graph.all(Kind.CLEAR):
        optimizer = optimizer_cleared(graph, clear)
        if optimizer is None or graph.all(Kind.ESCAPE, about=optimizer) or may_be_stepped(graph, optimizer):
            continue
        if network_is_handed_over(graph, clear, optimizer):
            continue
        # For a function alone, the caller may step.
        backwards = [
            event
            for event in graph.all(Kind.BACKWARD, concerning=optimizer)
            if any(not scope.is_call for scope in graph.common(clear, event))
            and not graph.inside(event, Context.PROFILER)
        ]
        # The one that no other optimizer's update follows is its own; several may share one.
        there = graph.path(clear, to=backwards, avoiding=graph.all(Kind.CLEAR, Kind.STEP)) or graph.path(
            clear, to=backwards, avoiding=(Kind.CLEAR, Kind.STEP), about=optimizer
        )
        if there and (again := graph.path(there.events[-1], to=clear)):
            yield clear.name if optimizer is clear.subject else str(optimizer), there + again


def left_idle(graph: EventGraph) -> Iterator[tuple[AbstractObject, Trace]]:
    """The optimizers that are made and not used, while a loop computes gradients for them: each with the path there."""
    for make in graph.made(Type.OPTIMIZER):
        optimizer = make.subject
        if Fact.IDLE not in optimizer.facts or may_be_stepped(graph, optimizer):
            continue
        backwards = [
            backward
            for backward in graph.all(Kind.BACKWARD)
            if backward.written_loop
            and any(optimizer.related(predict.subject) for predict in graph.leading_to(backward.subjects))
            and not graph.inside(backward, Context.PROFILER)
        ]
        if path := graph.path(make, to=backwards):
            yield optimizer, path


def engines_left_idle(graph: EventGraph) -> Iterator[tuple[AbstractObject, Event]]:
    """The engines that are made here and never step: each with its first backward in a loop."""
    made = [one for one in graph.subjects(Kind.PREDICT) if one.certain and one.constructor]
    for engine in (one for one in made if one.type is Type.ENGINE):
        used = graph.all(Kind.STEP, Kind.ESCAPE, Kind.REFERENCE, concerning=engine)
        if used or graph.all(Kind.READ, concerning=engine, how=How.GRADIENT):
            continue
        backwards = (e for e in graph.all(Kind.BACKWARD) if e.written_loop and e.comes_from(engine))
        if backward := next(backwards, None):
            yield engine, backward


def optimizer_cleared(graph: EventGraph, clear: Event) -> AbstractObject | None:
    """What is cleared; through a module, the first optimizer over it."""
    if clear.subject.type is Type.OPTIMIZER:
        return clear.subject
    made = [make.subject for make in graph.made(Type.OPTIMIZER, certain=True)]
    return next((one for one in made if clear.subject.type is Type.MODULE and one.comes_from(clear.subject)), None)


def may_be_stepped(graph: EventGraph, optimizer: AbstractObject) -> bool:
    """Whether it may step, or code reads gradients, to use them for something else."""
    used = graph.all(Kind.STEP, Kind.REFERENCE, Kind.READ)
    return any(event.may_concern(optimizer) or event.how == How.GRADIENT for event in used)


def network_is_handed_over(graph: EventGraph, clear: Event, optimizer: AbstractObject) -> bool:
    """Whether unknown code gets the network between two batches, and may step."""
    passed = [e for e in graph.all(Kind.HAND_OVER) if e.is_part_of(optimizer)]
    return any(not scope.is_call for event in passed for scope in graph.common(clear, event)[-1:])
