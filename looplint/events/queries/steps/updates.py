"""What belongs to one update: the gradients that a step uses, and the losses that are computed for it.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.kinds import Kind

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def clears_for(graph: EventGraph, clear: Event, step: Event) -> bool:
    """Whether what is cleared are the gradients that the step uses."""
    if clear.is_part_of(step.subject):
        # Of several optimizers, the same name refers to the same one.
        return not (len(clear.subjects) > 1 and len(step.subjects) > 1 and clear.name != step.name)
    only = len(graph.subjects(Kind.STEP)) == len(graph.subjects(Kind.PREDICT)) == 1
    return only and not step.subject.operands and clear.may_concern(step.subject)


def forgets_a_loss(graph: EventGraph, backward: Event, step: Event) -> bool:
    """Whether, of several optimizers, one steps with a loss of its own that is not back-propagated: the mistake is a
    forgotten backward then."""
    used = graph.trainings()
    return len(graph.subjects(Kind.STEP)) > 1 and any(
        graph.path(backward, to=loss, avoiding=Kind.STEP, about=step.subject)
        and graph.path(loss, to=step, avoiding=graph.all(Kind.BACKWARD))
        for loss in graph.all(Kind.PREDICT, Kind.FORWARD, concerning=step.subject)
        if loss not in used and not graph.unrecorded(loss)
    )


def is_computed_for(graph: EventGraph, event: Event, step: Event) -> bool:
    """Whether both happen in each iteration of a loop, or in the same call of a function without one."""
    common = graph.common(event, step)
    looped = any(scope.is_written for scope in common)
    return common == step.loops or (looped and common == event.loops)


def never_back_propagated(graph: EventGraph, step: Event) -> list[Event]:
    """The values computed for this step that are back-propagated for no optimizer; the last first."""
    computed = (Kind.PREDICT, Kind.FORWARD, Kind.GRADE)
    used = graph.leading_to(graph.losses(), *computed)
    return [
        event
        for event in reversed(graph.all(*computed))
        if is_computed_for(graph, event, step) and event not in used and not graph.unrecorded(event)
    ]


def lost_gradients(graph: EventGraph, clear: Event, step: Event) -> Trace | None:
    """A path from a backward, whose gradients only this step can use, through the clear to the step, in one iteration.
    Across iterations it would be a step on gradients that were cleared for the next backward."""
    within = graph.innermost(clear, step)
    lost = graph.path(clear, to=step, avoiding=Kind.BACKWARD, about=step.subject, within=within)
    if lost is None:
        return None
    for backward in graph.all(Kind.BACKWARD, concerning=step.subject):
        path = graph.path(backward, to=clear, avoiding=Kind.STEP, about=step.subject, within=within)
        if path and not graph.path(backward, to=step, avoiding=[clear], doubt=False):
            return path + lost
    return None
