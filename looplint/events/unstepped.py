"""Whether an optimizer that never steps here may step elsewhere.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


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
