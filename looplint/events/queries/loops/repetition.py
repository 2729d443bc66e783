"""What is done again in each pass of a loop: loaders that training goes over, folds of one dataset, whole trials.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def repetitions(graph: EventGraph) -> Iterator[tuple[AbstractObject, LoopScope, LoopScope | None]]:
    """The loaders that training goes over again and again: each with the loop that repeats it and, if it is written,
    the loop over its batches."""
    trained = graph.losses()
    for scope in graph.iterations:
        if scope.over is None or scope.outer is None or scope.outer.is_call:
            continue
        # A generator may hand the batches on to the loop that trains.
        elsewhere = scope.outer.kind == "while" and any(loss.comes_from(scope.over) for loss in trained)
        if graph.in_iteration(scope, Kind.BACKWARD) or elsewhere:
            yield scope.over, scope.outer, scope
    for event in graph.all(Kind.ITERATE):
        around = graph.innermost(event)
        if (
            event.how != How.REPEATED
            or around is None
            or around.is_call
            or not graph.in_iteration(around, Kind.BACKWARD)
        ):
            continue
        # One that is made for a single batch does not go over the loader.
        drawn_inside = all(backward.loops[-1] is not around for backward in graph.in_iteration(around, Kind.BACKWARD))
        if drawn_inside or graph.conditional(event, within=around):
            yield event.subject, around, None


def goes_over_folds(scope: LoopScope) -> bool:
    """Whether each pass of the loop holds out another part of one dataset."""
    return scope.over is not None and Fact.FOLDS in scope.over.facts


def splits_anew(graph: EventGraph, scope: LoopScope) -> bool:
    """Whether each pass of the loop splits the same dataset anew, at random."""
    parts = [make.subject for make in graph.in_iteration(scope, Kind.MAKE) if Fact.RANDOM_PART in make.subject.facts]
    return any(part.operands and scope not in part.operands[0].loops for part in parts)


def made_before(graph: EventGraph, scope: LoopScope, model: AbstractObject) -> bool:
    """Whether the model, and what it wraps, is certainly made before the loop, or comes from outside."""
    if model.external:
        return all(one.external for one in model.owners())
    make = graph.origin(model)
    parts = [one for one in model.operands if one.type is Type.MODULE]
    return (
        make is not None and not is_within(scope, make.loops) and all(made_before(graph, scope, one) for one in parts)
    )


def is_within(scope: LoopScope, loops: tuple[LoopScope, ...]) -> bool:
    """Whether the loop, or the same code inlined at another call site, is among them."""
    return any(one.place == scope.place for one in loops)


def predicts_with_each(graph: EventGraph, fetch: Event, scope: LoopScope) -> bool:
    """Whether that loop predicts with the fetched batch. An inner loop over batches is validation if the loop trains
    itself, else it is the training."""
    batches = [inner for inner in graph.iterations if inner.outer is scope and inner.goes_over_data]
    apart = any(graph.in_iteration(inner, Kind.PREDICT, Kind.FORWARD) for inner in batches)
    predicts = any(event.loops == fetch.loops for event in graph.in_iteration(scope, Kind.PREDICT, Kind.FORWARD))
    backwards = [event for event in graph.all(Kind.BACKWARD) if event.loops == fetch.loops]
    # A prediction in unknown code is revealed by a loss computed from the batch.
    predicts = predicts or any(event.subject.comes_from(fetch.subject) for event in backwards)
    return predicts and (bool(backwards) or not apart)


def gives_the_same_batch(graph: EventGraph, fetch: Event, scope: LoopScope) -> bool:
    """Whether each pass of that loop begins with the same batch of several: not of a loader that is made in it, or has
    only one. A loop over settings that are written out, which trains nothing, compares them by one batch."""
    compares = scope.over is not None and Fact.CONSTANTS in scope.over.facts
    if compares and not graph.in_iteration(scope, Kind.BACKWARD):
        return False
    return scope not in fetch.subject.loops and Fact.ONE_BATCH not in fetch.subject.facts


def is_for_each_network(graph: EventGraph, fetch: Event, scope: LoopScope) -> bool:
    """Whether each pass evaluates another network, made or loaded there: with the same batch on purpose."""
    if graph.in_iteration(scope, Kind.BACKWARD):
        return False
    predicts = [e for e in graph.in_iteration(scope, Kind.PREDICT, Kind.FORWARD) if e.loops == fetch.loops]
    loads = graph.in_iteration(scope, Kind.LOAD)
    networks = [predict.subject for predict in predicts]
    return bool(networks) and all(
        scope in network.loops or any(load.is_subject(network) for load in loads) for network in networks
    )


def is_another_trial(graph: EventGraph, make: Event, around: LoopScope) -> bool:
    """Whether the iteration also constructs or resets the model or the data, or may not keep the model."""
    modules = [thing for thing in make.subject.ancestry() if thing.type is Type.MODULE]
    # Weights that are set back may be so after the steps, too, for the next iteration.
    touched = graph.in_iteration(around, Kind.LOAD)
    touched += [event for event in graph.in_iteration(around, Kind.ESCAPE) if event.node < make.node]
    loaded = graph.in_iteration(around, Kind.LOAD, about=make.subject)
    inner = [scope.over for event in graph.in_iteration(around, Kind.STEP) for scope in event.loops]
    data = [over for over in inner if over is not None and over.type is not Type.NUMBER]
    # Layers that are frozen or thawed in stages get another optimizer in each.
    staged = [event for event in graph.gradient_switches() if around in event.loops]
    return (
        not modules
        or bool(loaded)
        or any(event.node < make.node for event in staged)
        or any(around in thing.loops for thing in (*modules, *data))
        or any(event.is_subject(module) for event in touched for module in modules)
    )
