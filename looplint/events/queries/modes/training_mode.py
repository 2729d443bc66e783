"""Whether a module is still in training mode where it predicts.

Questions about an event graph, as its methods are; what they find out about one training is asked again for each
prediction behind it, so that it is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.options import Option
from looplint.events.queries.loops.nearby import nearest_before
from looplint.events.queries.modes.evaluation import (
    is_criterion,
    is_for_next_training,
    is_generator,
    is_graded,
    is_target,
)
from looplint.events.queries.modes.switches import (
    ENDS_TRAINING_MODE,
    copies_in_training_mode,
    is_in_evaluation_mode,
    is_training_mode_meant,
    only_predicts,
    switched_by_unknown_code,
)

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


class TrainingMode:
    """The modules of one event graph, and where they are in training mode."""

    def __init__(self, graph: EventGraph) -> None:
        self._graph = graph
        self._criteria: dict[AbstractObject, bool] = {}
        self._evaluated: dict[tuple[AbstractObject, Event], bool] = {}

    def matters(self, predict: Event) -> bool:
        """Whether the mode of the module changes what is made of its prediction: it is no part of the prediction of
        another network, no criterion, and what it returns in training mode is not another thing, made for a loss."""
        module = predict.subject
        same = Fact.MODE_FREE in module.facts or Fact.RETURNS_BY_MODE in module.facts
        if self._graph.inside(predict, Context.FORWARD) or same or predict.options.get(Option.DROPPED):
            return False
        if module not in self._criteria:
            self._criteria[module] = is_criterion(self._graph, module)
        return not self._criteria[module]

    def lasts(self, predict: Event, scope: LoopScope | None, batches: list[LoopScope]) -> Trace | None:
        """A path from where the module is in training mode to that prediction, in which it still is, and for which
        that mode is not meant. `scope`: the loop that evaluates it, if any, one of `batches`, the loops over batches
        around it."""
        graph, module = self._graph, predict.subject
        graded = any(is_graded(graph, predict, each) for each in batches)
        switches = [e for e in graph.all(Kind.TRAIN) if Option.RESTORED not in e.options]
        meant = [e for e in switches if is_training_mode_meant(graph, e, predict)]
        starts = [e for e in switches if e.is_subject(module) and e not in meant]
        if not graded:
            if is_generator(graph, module):
                return None
            # Whoever switches to training mode for results that are kept, and neither graded nor trained with, means
            # it.
            alone = [e for e in starts if only_predicts(graph, e, predict)]
            meant += alone
            starts = [e for e in starts if e not in alone]
        starts += [e for e in self._trained_or_loaded(predict, graded) if e not in meant]
        stops = (*ends_training_mode(graph), *meant, *switched_by_unknown_code(graph, module))
        if path := graph.path(nearest_before(predict, starts), to=predict, avoiding=stops, about=module):
            return path
        return self._as_copied(predict, scope)

    def _as_copied(self, predict: Event, scope: LoopScope | None) -> Trace | None:
        """The same of a copy, which keeps its mode where the module that it was made of is switched."""
        graph, module = self._graph, predict.subject
        own = [*graph.all(*ENDS_TRAINING_MODE, about=module), *graph.all(Kind.ESCAPE, concerning=module)]
        copies = [] if is_target(graph, predict, scope) else copies_in_training_mode(graph, module)
        stops = [*own, *graph.all(Kind.READ, how=How.HANDED_OVER), *graph.all(Kind.ASSIGN, how="training")]
        return graph.path(copies, to=predict, avoiding=stops)

    def _trained_or_loaded(self, predict: Event, graded: bool) -> list[Event]:
        """The trainings of the module, and where its weights are loaded, if it is in training mode there."""
        graph, module = self._graph, predict.subject
        # Trained in the evaluation mode that it was made in, it is validated in that one as well.
        if Fact.IN_EVALUATION in module.facts:
            return []
        # Loading says nothing of the mode of a network that was made elsewhere.
        loads = [] if module.external else [event for event in graph.all(Kind.LOAD) if event.is_subject(module)]
        if loads and not graded and is_for_next_training(graph, predict):
            loads = []
        # What predicts without a graph in training is not trained there.
        trainings = (event for event in graph.trainings() if event.is_subject(module) and not graph.unrecorded(event))
        return [event for event in (*loads, *trainings) if not self._is_evaluated(event, module)]

    def _is_evaluated(self, event: Event, module: AbstractObject) -> bool:
        key = (module, event)
        if key not in self._evaluated:
            self._evaluated[key] = is_in_evaluation_mode(self._graph, event, module)
        return self._evaluated[key]


def ends_training_mode(graph: EventGraph) -> tuple[Kind | Event, ...]:
    """What ends training mode, or is meant to, as setting the flag `training` is."""
    return (*ENDS_TRAINING_MODE, *graph.all(Kind.ASSIGN, how="training"))


def is_chosen(graph: EventGraph, predict: Event) -> bool:
    """Whether the same epoch also predicts in evaluation mode, with a network that is made elsewhere: it may return
    something else in each mode, a loss in one and what it draws in the other."""
    module = predict.subject
    outer = next((s for s in reversed(predict.loops) if s.is_written and not s.goes_over_data), None)
    if not module.external or outer is None:
        return False
    switches = graph.in_iteration(outer, Kind.EVAL, about=module)
    others = [event for event in graph.all(Kind.PREDICT, Kind.FORWARD, about=module) if event is not predict]
    return any(
        graph.path(predict, to=switch, avoiding=graph.trainings(), within=outer)
        and graph.path(switch, to=others, avoiding=Kind.TRAIN, within=outer)
        for switch in switches
    )


def goes_on_in_it(graph: EventGraph, predict: Event) -> bool:
    """Whether the module is trained again behind that prediction, without being switched to training mode for it."""
    module = predict.subject
    again = [event for event in graph.trainings() if event.is_subject(module)]
    return graph.path(predict, to=again, avoiding=Kind.TRAIN, about=module) is not None
