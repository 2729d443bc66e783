"""The mode of a module: where it is switched to training or evaluation mode, and where such a switch is meant.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Kind
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.options import Option

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph

ENDS_TRAINING_MODE = (Kind.EVAL, Kind.REFERENCE)
"""What switches to evaluation mode, or is meant to: `eval` without its parentheses."""


def is_in_evaluation_mode(graph: EventGraph, start: Event, module: AbstractObject) -> bool:
    """Whether the module was switched to evaluation mode before that event: training keeps its statistics on purpose,
    loading does not change the mode."""
    switches = [event for event in graph.all(Kind.EVAL, concerning=module) if event.node < start.node]
    trains = [event for event in graph.all(Kind.TRAIN, concerning=module) if Option.RESTORED not in event.options]
    return graph.path(switches, to=start, avoiding=trains) is not None


def switched_by_unknown_code(graph: EventGraph, module: AbstractObject) -> list[Event]:
    """Where unknown code gets the module, or what holds it, and may switch its mode."""
    held = [module, *module.owners()]
    return [e for e in graph.all(Kind.MAY_SWITCH) if any(e.is_subject(one) for one in held)]


def evaluated(graph: EventGraph, predict: Event) -> Trace | None:
    """A path from a switch of the module to evaluation mode to that prediction, in which it still is in that mode."""
    switches = graph.all(Kind.EVAL, about=predict.subject)
    return graph.path(switches, to=predict, avoiding=Kind.TRAIN, about=predict.subject)


def is_training_mode_meant(graph: EventGraph, switch: Event, predict: Event) -> bool:
    """Whether a switch to training mode is for the prediction: the mode before it is restored, or statistics are
    computed anew, or the same call was asked for training mode."""
    if _is_restored(graph, switch) or _renews_statistics(graph, switch):
        return True
    return switch.calls == predict.calls and _is_asked_for(graph, switch)


def only_predicts(graph: EventGraph, switch: Event, predict: Event) -> bool:
    """Whether the function that predicts makes that switch itself, and trains nothing behind it."""
    here = [e for e in graph.trainings() if e.function == switch.function]
    return switch.function == predict.function and graph.path(switch, to=here, avoiding=Kind.EVAL) is None


def copies_in_training_mode(graph: EventGraph, module: AbstractObject) -> list[Event]:
    """The creation of that module as a copy of a trained one, with its mode: an average of its weights."""
    of = module.options.get(Option.COPY_OF)
    if Fact.COPY in module.facts:
        of = next(iter(module.operands), None)
    if (
        not isinstance(of, AbstractObject)
        or not of.facts.isdisjoint({Fact.MODE_FREE, Fact.IN_EVALUATION})
        or not any(e.is_subject(of) for e in graph.trainings())
    ):
        return []
    return [make for make in graph.all(Kind.MAKE, about=module) if not is_in_evaluation_mode(graph, make, of)]


def trained_in_one_phase(
    graph: EventGraph, predict: Event, scope: LoopScope, ends: Collection[Kind | Event]
) -> Event | None:
    """Where one loop trains and validates: the switch to training mode of its first phase, if the other one does not
    end that mode. In the phase that it belongs to, the loss is back-propagated in each case. `scope`: the loop over the
    batches. `ends`: what ends the mode."""
    following = [e for e in graph.in_iteration(scope, Kind.BACKWARD) if predict.leads_to(*e.subjects)]
    backwards = [e for e in following if graph.conditional(e, unlike=predict)]
    if len({backward.place for backward in backwards}) != 1:
        return None
    for switch in (e for e in graph.all(Kind.TRAIN, about=predict.subject) if scope not in e.loops):
        around = graph.common(switch, predict)
        # The innermost loop around both iterates over the phases, one around that over the epochs.
        if len(around) > 1 and graph.path(switch, to=backwards, within=around[-1]):
            others = [e for e in backwards if not graph.bypasses(switch, e, within=around[-1])]
            if any(graph.bypasses(switch, e, avoiding=ends, about=predict.subject) for e in others):
                return switch
    return None


def _is_restored(graph: EventGraph, switch: Event) -> bool:
    """Whether the same function sets the mode of the module back to what it was before that switch."""
    later = [e for e in graph.all(Kind.TRAIN, about=switch.subject) if e.node > switch.node]
    return any(Option.RESTORED in e.options and e.function == switch.function for e in later)


def _is_asked_for(graph: EventGraph, switch: Event) -> bool:
    """Whether an argument or a condition chose training mode there, and evaluation mode otherwise."""
    others = [e for e in graph.all(Kind.EVAL, about=switch.subject) if e.calls == switch.calls]
    return graph.inside(switch, Context.ARGUED) or any(graph.in_other_arms(switch, e) for e in others)


def _renews_statistics(graph: EventGraph, switch: Event) -> bool:
    """Whether the same function sets how layers average their statistics, to run the network for those."""
    changed = (event for event in graph.all(Kind.ASSIGN) if Option.CHANGES_AVERAGING in event.options)
    return any(event.function == switch.function for event in changed)
