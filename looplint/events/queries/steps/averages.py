"""Optimizers and objects that keep an average of the weights, and which of the two the model holds where it is used.

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
from looplint.events.queries.modes.switches import evaluated

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def averaging_optimizers(graph: EventGraph) -> list[AbstractObject]:
    """The optimizers that step and keep an average, in source order."""
    return [one for one in graph.subjects(Kind.STEP) if Fact.AVERAGES in one.facts]


def overwritten(graph: EventGraph) -> Iterator[tuple[Event, Trace]]:
    """Where the average that is kept beside an optimizer is copied over the weights that it trains, and stays there:
    each with a path to the step."""
    restored = {event.subject for event in graph.all(Kind.WEIGHTS, how=How.UNAVERAGED)}
    for copied in graph.all(Kind.WEIGHTS, how=How.AVERAGED):
        if copied.subject.type is Type.OPTIMIZER or copied.subject in restored:
            continue
        averaged = [source for source in copied.subject.operands if source.type is not Type.NUMBER]
        steps = [e for e in graph.all(Kind.STEP) if any(e.subject.related(source) for source in averaged)]
        if path := graph.path(copied, to=steps, avoiding=Kind.WEIGHTS, about=copied.subject):
            yield copied, path


def uses_of_average(graph: EventGraph, optimizer: AbstractObject) -> list[Event]:
    """Where the average is meant: the predictions of its model in evaluation mode, and the states of it that are saved
    by themselves."""
    trained = graph.differentiated()
    found = [
        predict
        for predict in graph.all(Kind.PREDICT)
        if predict not in trained and predict.loops and not graph.inside(predict, Context.FORWARD)
        if optimizer.comes_from(predict.subject) and evaluated(graph, predict)
    ]
    for save in graph.all(Kind.SAVE):
        saved = [part for one in save.subjects for part in _parts(one)]
        states = [one for one in saved if Fact.STATE in one.facts and one.operands]
        # Kept beside the state of the optimizer, it is for going on.
        alone = not any(one is optimizer or one.comes_from(optimizer) for one in saved)
        if states and alone and all(optimizer.comes_from(one.operands[0]) for one in states):
            found.append(save)
    return found


def _parts(saved: AbstractObject) -> tuple[AbstractObject, ...]:
    """The entries of a dictionary that is saved."""
    return saved.operands if saved.type is Type.COLLECTION and saved.operands else (saved,)
