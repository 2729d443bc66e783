"""Training that follows a validation, and whether it should have been switched back to training mode.

Functions of an event graph, as its methods are. `switch`: a switch to evaluation mode. `predict`: a prediction that is
trained. `validations`: the predictions that are not (`predictions_beside_training`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind
from looplint.events.object import AbstractObject
from looplint.events.queries.modes.switches import switched_by_unknown_code

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def predictions_beside_training(graph: EventGraph) -> list[Event]:
    """The predictions that are not back-propagated."""
    trainings = set(graph.trainings())
    return [event for event in graph.all(Kind.PREDICT, Kind.FORWARD) if event not in trainings]


def trains_by_mode(graph: EventGraph, predict: Event) -> bool:
    """Whether the mode of the module matters there, and an optimizer updates it. Without a graph it trains nothing: its
    outputs are data of a loss, like those of the policy before an update. Gradients that flow through a frozen network
    do not train it."""
    module = predict.subject
    same = Fact.MODE_FREE in module.facts or Fact.FROZEN in module.facts
    return not graph.unrecorded(predict) and not same and bool(graph.all(Kind.STEP, concerning=module))


def is_used_by_a_step(graph: EventGraph, backwards: list[Event], module: AbstractObject) -> bool:
    """Whether a step uses these gradients for the module, rather than one that clears them first: an attack trains an
    input through it."""
    steps = graph.all(Kind.STEP, concerning=module)
    return graph.path(backwards, to=steps, avoiding=graph.all(Kind.CLEAR, concerning=module)) is not None


def may_be_undone(graph: EventGraph, switch: Event, predict: Event) -> bool:
    """Whether unknown code that calls the function repeatedly may switch back; or code in the same place does, though
    not on an early exit: it gets the benefit of the doubt."""
    if all(scope.is_call for scope in graph.common(switch, predict)):
        return True
    later = [e for e in graph.all(Kind.TRAIN, about=predict.subject) if e.node > switch.node]
    return any(e.calls == switch.calls and e.loops == switch.loops for e in later)


def training_goes_on(
    graph: EventGraph, switch: Event, predict: Event, backwards: list[Event], validations: list[Event]
) -> list[Event]:
    """Where training that should be in training mode goes on behind the switch: at the prediction, or at its
    `backwards` if one loop trains and validates; nowhere if nothing is validated in between."""
    if predict.node <= switch.node:
        return [predict]
    if _is_in_other_pass(graph, switch, backwards):
        return backwards
    return [predict] if _is_interrupted(graph, switch, predict, validations) else []


def _is_in_other_pass(graph: EventGraph, switch: Event, backwards: list[Event]) -> bool:
    """Whether the training is in another iteration of the outer loop: one loop for training and validation."""
    common = graph.common(switch, *backwards)
    return bool(common) and not any(graph.path(switch, to=event, within=common[-1]) for event in backwards)


def _is_interrupted(graph: EventGraph, switch: Event, predict: Event, validations: list[Event]) -> bool:
    """Whether training after the switch should be in training mode, with validation in between: in a loop of its own
    without gradients, or if training mode is set elsewhere. A library that predicts and leaves the mode means none."""
    if switch.how == How.SIDE_EFFECT:
        return True
    module = predict.subject
    trains = graph.all(Kind.TRAIN, about=module)
    meant = (graph.path(e, to=predict, avoiding=Kind.EVAL, doubt=False) for e in trains)
    between = [e for e in validations if e.is_subject(module) and switch.node < e.node < predict.node]
    apart = (not set(e.loops) <= set(predict.loops) and graph.unrecorded(e) for e in between)
    return bool(between) and (any(meant) or any(apart))


def still_in_evaluation_mode(
    graph: EventGraph, switch: Event, predict: Event, goals: list[Event], validations: list[Event]
) -> Trace | None:
    """A path from the switch to the training that follows (`goals`), with nothing that switches back, or that decides
    to train in evaluation mode."""
    if not goals:
        return None
    module = predict.subject
    back = [e for e in graph.all(Kind.TRAIN, concerning=module) if not _is_in_part(graph, e, module, validations)]
    back += graph.all(Kind.MAKE, about=module) + graph.all(Kind.ASSIGN, how="training")
    back += switched_by_unknown_code(graph, module)
    path = graph.path(switch, to=goals, avoiding=(Kind.REFERENCE, *back), about=module)
    if not path or not graph.path(predict, to=switch):
        return None
    # Training that starts with its own switch to evaluation mode is in it on purpose.
    meant: list[Kind | Event] = [Kind.EVAL, *_also_decide(graph, module), *back]
    return path if graph.path(switch, to=goals, avoiding=meant, about=module, doubt=False) else None


def _also_decide(graph: EventGraph, module: AbstractObject) -> list[Event]:
    """Switches that decide on the mode of the module as well: those to evaluation mode of another network by the same
    name, and those of its parts that are switched to either mode."""
    named = [one for event in graph.all(Kind.EVAL, about=module) for one in graph.alternatives(event)]
    trained, evaluated = graph.subjects(Kind.TRAIN), graph.subjects(Kind.EVAL)
    switched = {one for one in trained if one in evaluated and _is_part(one, module)}
    return named + [event for event in graph.all(Kind.TRAIN, Kind.EVAL) if event.subject in switched]


def _is_part(one: AbstractObject, module: AbstractObject) -> bool:
    """Whether it is another module that the module holds or was built from."""
    return one is not module and (module in one.owners() or module.comes_from(one))


def _is_in_part(graph: EventGraph, train: Event, module: AbstractObject, validations: list[Event]) -> bool:
    """Whether a part of the module is switched to training mode and then validated in it, with the others in evaluation
    mode: to use active dropout. Training after such a switch may be partial on purpose."""
    parts = [one for one in train.subjects if one is not module and (module in one.owners() or one.comes_from(module))]
    return parts == list(train.subjects) and bool(
        graph.path(train, to=[e for e in validations if e.is_subject(module)], avoiding=graph.trainings())
    )
