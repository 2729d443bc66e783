"""What a framework was given to prepare for training, and what was left out.

Functions of an event graph, as its methods are. Each yields where it matters, with a path to what uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Kind, Type
from looplint.events.object import AbstractObject
from looplint.events.options import Option

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def steps_of_micro_batches(graph: EventGraph) -> Iterator[tuple[Event, Trace]]:
    """The steps of optimizers that were left out, and so come with each micro-batch of a loss that the framework
    divides."""
    for step in _steps_left_out(graph) if graph.may_accumulate() else ():
        # Under a condition it may wait for the last micro-batch by itself.
        if not graph.inside(step, Context.ACCUMULATE) or graph.conditional(step, within=graph.innermost(step)):
            continue
        if path := graph.path(_backwards(graph), to=step, avoiding=Kind.CLEAR, about=step.subject):
            yield step, path


def steps_with_scaled_gradients(graph: EventGraph) -> Iterator[tuple[Event, Trace]]:
    """The steps of optimizers that were left out, with gradients that the framework multiplied by the loss scale of 16
    bits."""
    done_by = {event: event.options.get(Option.FRAMEWORK) for event in graph.all(Kind.BACKWARD)}
    backwards = [e for e, one in done_by.items() if isinstance(one, AbstractObject) and Fact.SCALES_LOSSES in one.facts]
    for step in _steps_left_out(graph):
        path = graph.path(backwards, to=step, avoiding=Kind.CLEAR, about=step.subject) if step.object is None else None
        if path:
            yield step, path


def trainings_left_out(graph: EventGraph) -> Iterator[tuple[Event, Trace]]:
    """The predictions of networks that were left out, and are trained by an optimizer that was not."""
    made, switches = _made(graph), graph.gradient_switches()
    wholes = [one for one in made if one.type is Type.MODULE and Fact.PREPARED in one.facts]
    for predict in _trainings(graph):
        module = predict.subject
        if module not in made or Fact.PREPARED in module.facts:
            continue
        # One whose gradients are switched is not trained; a part of a prepared network is prepared with it.
        if any(event.comes_from(module) for event in switches) or any(map(module.related, wholes)):
            continue
        steps = (step for step in graph.all(Kind.STEP) if step.subject.comes_from(module))
        goals = [step for step in steps if graph.common(step, predict) and Fact.PREPARED in step.subject.facts]
        if _is_back_propagated(graph, predict) and (path := graph.path(predict, to=goals)):
            yield predict, path


def loaders_left_out(graph: EventGraph) -> Iterator[tuple[Event, Trace]]:
    """Where loaders are made that were left out, and give all of their dataset to each process that trains a prepared
    network."""
    prepared = _trainings_of_prepared(graph)
    for make in graph.all(Kind.MAKE) if prepared else ():
        loader = make.subject
        if loader.type is not Type.LOADER or Fact.UNDIVIDED not in loader.facts or Fact.PREPARED in loader.facts:
            continue
        over = (predict for predict in prepared if any(scope.over is loader for scope in predict.loops))
        paths = (graph.path(make, to=predict) for predict in over if _is_back_propagated(graph, predict))
        if path := next(filter(None, paths), None):
            yield make, path


def _made(graph: EventGraph) -> set[AbstractObject]:
    return {make.subject for make in graph.all(Kind.MAKE)}


def _backwards(graph: EventGraph) -> list[Event]:
    """Those that a framework does."""
    return [event for event in graph.all(Kind.BACKWARD) if Option.FRAMEWORK in event.options]


def _is_back_propagated(graph: EventGraph, predict: Event) -> bool:
    """Whether a framework back-propagates a loss of that prediction."""
    return any(predict.leads_to(*backward.subjects) for backward in _backwards(graph))


def _trainings(graph: EventGraph) -> list[Event]:
    return [event for event in graph.trainings() if event.subject.type is Type.MODULE]


def _trainings_of_prepared(graph: EventGraph) -> list[Event]:
    return [event for event in _trainings(graph) if Fact.PREPARED in event.subject.facts]


def _steps_left_out(graph: EventGraph) -> list[Event]:
    """The steps of optimizers that are made here and were not prepared, while a network was."""
    made = _made(graph) if _trainings_of_prepared(graph) else set()
    return [step for step in graph.all(Kind.STEP) if step.subject in made and Fact.PREPARED not in step.subject.facts]
