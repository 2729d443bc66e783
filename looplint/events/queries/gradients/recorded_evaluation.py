"""Evaluation that autograd records, and whether it needs the graph.

Functions of an event graph, as its methods are. `predict`: a prediction that is not back-propagated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Graph, Kind
from looplint.events.loop_scope import LoopScope
from looplint.events.options import Option
from looplint.events.place import Place

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph

_DECIDED = (Context.NO_GRAD, Context.INFERENCE_MODE, Context.SET_GRAD_ENABLED, Context.FORWARD)
"""Contexts in which code decides on recording, or in which the code around it does."""


def is_recorded(graph: EventGraph, predict: Event, scope: LoopScope, differentiated: Sequence[Event]) -> bool:
    """Whether a prediction of that loop is recorded, and nothing in sight needs that. `differentiated`: the predictions
    that do (`EventGraph.differentiated`)."""
    module = predict.subject
    if not any(output.graph is Graph.YES for output in predict.outputs):
        return False
    # A frozen network records nothing; one that is trained nevertheless has a new head.
    if Fact.FROZEN in module.facts and not any(e.is_subject(module) for e in differentiated):
        return False
    # Its own `forward` turns recording off in evaluation mode.
    if Fact.UNRECORDED_IN_EVALUATION in module.facts:
        return False
    return not (
        graph.inside(predict, *_DECIDED)
        or predict in differentiated
        # Evaluation that adapts the network first differentiates its other predictions.
        or any(scope in event.loops and event.is_subject(module) for event in differentiated)
        or _differentiates_inside(graph, predict)
        or any(Option.BY_UNKNOWN_CODE in e.options for e in graph.all(Kind.ASSIGN, about=module))
        or _asks_for_gradients(graph, predict)
    )


def _differentiates_inside(graph: EventGraph, predict: Event) -> bool:
    """Whether the network differentiates in its own `forward`, as one does that adapts to a few samples."""
    reads = graph.all(Kind.READ, how=How.GRADIENT)
    return any(predict.place in event.calls for event in (*reads, *graph.all(Kind.BACKWARD)))


def _asks_for_gradients(graph: EventGraph, predict: Event) -> bool:
    """Whether an input was set to require gradients, to differentiate the prediction with respect to it."""
    made_of = {id(one): one for given in predict.inputs for one in given.ancestry()}
    if any(Fact.LEAF in one.facts for one in made_of.values()):
        return True
    set_so = graph.gradient_switches()
    return any(id(one) in made_of for e in set_so if e.options.get(Option.VALUE) is not False for one in e.subjects)


def evaluating_call(
    graph: EventGraph, predict: Event, scope: LoopScope, differentiated: Sequence[Event]
) -> Event | Place:
    """The prediction, or the call in the body of the loop that leads to it: two functions that validate with the same
    code are two places. If training predicts with the same code, the innermost call site that only validation uses."""
    looped = [event for event in graph.all(Kind.PREDICT, Kind.FORWARD) if event.loops]
    # Unknown code may have computed the loss that a loop back-propagates.
    trained = [event for event in looped if graph.in_iteration(event.loops[-1], Kind.BACKWARD)]
    same = [other for other in (*differentiated, *trained) if other.place == predict.place]
    own = [site for site in predict.calls if not any(site in other.calls for other in same)]
    written = next((site for site in own if scope.place.encloses(site)), None)
    return written or (own[-1] if same and own else predict)


def needs_no_graph(
    graph: EventGraph, predict: Event, scope: LoopScope, at: Place, differentiated: Sequence[Event]
) -> bool:
    """Whether recording can be turned off for the whole loop, in which `at` lies: nothing in it differentiates, also by
    another call of the same code, or may do so where unknown code has processed an input with the network, as attacks
    do."""
    if not scope.place.encloses(at) or graph.inside(predict, Context.ENABLE_GRAD):
        return False
    if any(scope in event.loops for event in differentiated):
        return False
    predictions = graph.in_iteration(scope, Kind.PREDICT, Kind.FORWARD)
    attacked = any(
        Fact.UNKNOWN_RESULT in made.facts and made.comes_from(one.subject)
        for one in predictions
        for given in one.inputs
        for made in given.ancestry()
    )
    return not attacked and not any(scope.place.encloses(event.place) for event in graph.all(Kind.BACKWARD))
