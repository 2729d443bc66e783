"""Values that are kept with their autograd graph, and whether anything still needs that.

Functions of an event graph, as its methods are. `keep`: the event that keeps a value (`EventGraph.kept_with_graph`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.derivation import derivation
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Graph, Kind, Type
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def is_loss(graph: EventGraph, keep: Event, kept: AbstractObject) -> bool:
    """Whether what is kept is a loss: one that is added up, that a criterion made, or that is back-propagated."""
    return keep.how == "+=" or Fact.GRADED in kept.facts or bool(graph.all(Kind.BACKWARD, about=kept))


def is_for_a_network(graph: EventGraph, keep: Event) -> bool:
    """Whether a network is among what is passed, as an average of its weights takes it."""
    return any(predict.subject in keep.inputs for predict in graph.all(Kind.PREDICT, Kind.FORWARD))


def is_freed(graph: EventGraph, keep: Event, kept: AbstractObject) -> bool:
    """Whether each batch back-propagates a loss through the graph that it leaves in the collection: nothing can need it
    later, and the collection grows with the batches, rather than with the parts of one."""
    made = keep.subject.loops
    if made and made[-1].goes_over_data:
        return False
    batch = next((s for s in reversed(keep.loops[len(made) :]) if graph.in_iteration(s, Kind.BACKWARD)), None)
    if batch is None:
        return False
    graphs = {
        id(one) for one in derivation(kept, through=_computed_from) if one.graph is Graph.YES and batch in one.loops
    }
    backwards = [event for event in graph.in_iteration(batch, Kind.BACKWARD) if not event.options.get("retain_graph")]
    return any(id(one) in graphs for event in backwards for loss in event.subjects for one in loss.ancestry())


def _computed_from(value: AbstractObject) -> tuple[AbstractObject, ...]:
    """What a value was computed from by known code, so that it surely holds the same graph. A part of what unknown
    code returned may be a number to log; logits are none."""
    if Fact.UNKNOWN_RESULT in value.facts:
        return ()
    known = Fact.LOGITS in value.facts or any(Fact.ALL_RECORDED in one.facts for one in _callee(value))
    return value.operands if known or not _is_part(value) else ()


def _is_part(value: AbstractObject) -> bool:
    """Whether a value is an attribute or an item of an output, not computed from it. What is taken of the result of a
    function of torch has its graph."""
    whole = next(iter(value.operands), None)
    if whole is None or whole.type is Type.MODULE or whole.external or Fact.OF_FUNCTION in whole.facts:
        return False
    return value.constructor in ("", whole.constructor)


def _callee(part: AbstractObject) -> tuple[AbstractObject, ...]:
    """The module that returned the output that a value is a part of."""
    return part.operands[0].operands[:1] if part.operands else ()


def validates(graph: EventGraph, keep: Event) -> bool:
    """Whether it is known that nothing is trained with what is kept: all of the program is known, or the function that
    keeps it switches a network to evaluation mode."""
    return graph.complete or any(event.function == keep.function for event in graph.all(Kind.EVAL))


def is_predicted_each_time(graph: EventGraph, keep: Event, loss: AbstractObject) -> bool:
    """Whether a prediction that the loss was computed from is made in the loop that keeps it. The terms of a sum over
    the parts of one prediction share one graph."""
    around = keep.loops[len(keep.subject.loops) :]
    made = (event for scope in around for event in graph.in_iteration(scope, Kind.PREDICT, Kind.FORWARD, Kind.RUN))
    return any(event.leads_to(loss) for event in made)


def is_within_one_call(graph: EventGraph, keep: Event) -> bool:
    """Whether a sum exists for one call of a network's `forward`, or of a closure: over its parts."""
    around = keep.loops[len(keep.subject.loops) :]
    own = keep.subject.owner is None and all(scope.function == keep.function for scope in around)
    called = any(step.place in keep.calls for step in graph.all(Kind.STEP))
    return own and (graph.inside(keep, Context.FORWARD) or called)


def is_for_a_step(graph: EventGraph, keep: Event) -> bool:
    """Whether a path leads from a sum to a step after its loop without a backward."""
    steps = [step for step in graph.all(Kind.STEP) if step.loops == keep.subject.loops]
    return keep.how == "+=" and graph.path(keep, to=steps, avoiding=graph.all(Kind.BACKWARD)) is not None


def is_meant_without_graph(graph: EventGraph, keep: Event) -> bool:
    """Whether a `no_grad()` without a `with` precedes it."""
    useless = [event for event in graph.all(Kind.DISCARD) if Fact.CONTEXT in event.subject.facts]
    return any(graph.path(event, to=keep, within=graph.innermost(event)) for event in useless)


def holds_several(keep: Event, loss: AbstractObject) -> bool:
    """Whether the value has several elements, as a slice has, so that `item()` fails."""
    sliced = keep.how == "[]" and ":" in keep.place.text.rpartition("[")[2]
    return sliced or Fact.JOINED in keep.subject.facts or Fact.SEVERAL in loss.facts
