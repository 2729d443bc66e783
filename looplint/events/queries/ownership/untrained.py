"""Modules that no optimizer trains, and whether they stay unchanged on purpose.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Kind, Type
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph

_OF_TENSORS = ("data", "grad", "requires_grad")
"""Attributes of tensors that code sets."""

_KNOWN = (Type.MODULE, Type.PARAMETERS, Type.CRITERION, Type.NUMBER)
"""What an optimizer whose parameters are known is made of."""

_HOLDS = (Type.MODULE, Type.PARAMETERS, Type.CRITERION, Type.COLLECTION, Type.UNKNOWN)
"""What may hold a module that it was made of."""

_SAYS = (Kind.LOAD, Kind.ASSIGN, Kind.READ, Kind.ESCAPE, Kind.REBIND)
"""Events after which a module is not, or may not be, what it was made as."""


def all_optimizers(graph: EventGraph) -> list[AbstractObject]:
    """The optimizers that are made here or step; none if one of them, or its parameters, is not known."""
    found = {make.subject for make in graph.made(Type.OPTIMIZER)} | set(graph.subjects(Kind.STEP))
    return list(found) if all(one.type is Type.OPTIMIZER and _is_known(one) for one in found) else []


def _is_known(optimizer: AbstractObject) -> bool:
    """Whether the parameters of an optimizer are known."""
    made_of = [one for one in optimizer.ancestry() if one is not optimizer and not one.operands]
    return optimizer.certain and bool(made_of) and all(one.type in _KNOWN for one in made_of)


def held_by_none(
    graph: EventGraph, backward: Event, optimizers: list[AbstractObject]
) -> Iterator[tuple[Event, AbstractObject]]:
    """The predictions, and the uses of criteria, behind a backward whose module has random weights that none of the
    optimizers holds: each with that module."""
    through = graph.leading_to(backward.subjects, Kind.PREDICT, Kind.FORWARD, Kind.GRADE)
    for use in through:
        module = _whole(use.subject)
        if Fact.FRESH not in module.facts or Fact.PREPARED in module.facts or graph.unrecorded(use):
            continue
        # An attribute with which its class does anything but call it may be trained by another method.
        known = graph.origin(module) is not None or Fact.ONLY_CALLED in module.facts
        # Of several that one call may mean, each is given to the optimizer as the others are.
        meant = [other.subject for other in through if other.place == use.place]
        held = any(one.related(other) for one in optimizers for other in meant)
        if known and not held and not _stays(graph, module):
            yield use, module


def _whole(module: AbstractObject) -> AbstractObject:
    """The list that a module is taken from: it is given to an optimizer as a whole."""
    lists = [one for one in module.operands if Fact.HOLDS_MODULES in one.facts]
    return lists[0] if module.external and len(module.operands) == 1 and lists else module


def _stays(graph: EventGraph, module: AbstractObject) -> bool:
    """Whether a module stays unchanged on purpose, or other code may train it."""
    says = [e for e in graph.all(*_SAYS) if e.how != "detach" and not _sets_up(e)]
    about = [e for e in says if any(_is_part(one, module) for one in e.subjects)]
    kept = any(e.object is module for e in graph.all(Kind.ASSIGN)) and Fact.ONLY_CALLED not in module.facts
    changed = any(e.kind is not Kind.LOAD or e.how != "apply" for e in about)
    switched = {e.kind for e in graph.all(Kind.EVAL, Kind.TRAIN, about=module)}
    return kept or changed or switched == {Kind.EVAL}


def _sets_up(event: Event) -> bool:
    """Whether an attribute of an object that was passed networks is set, which changes none of them."""
    thing = event.subject
    plain = thing.type is Type.UNKNOWN and bool(thing.constructor) and not thing.external
    return event.kind is Kind.ASSIGN and plain and event.how not in _OF_TENSORS


def _is_part(thing: AbstractObject, module: AbstractObject) -> bool:
    """Whether an object is the module, a part of it, or a module that contains it."""
    return (thing.comes_from(module) and thing.type in _HOLDS) or any(thing is owner for owner in module.owners())
