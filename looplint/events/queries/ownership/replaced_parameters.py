"""Parameters that come into a model after its optimizer was made.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.object import AbstractObject
from looplint.events.options import Option

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def moves_own_part(assign: Event) -> bool:
    """Whether another part of the same model takes that place: `self.before = self.now`."""
    owner, value = assign.place.text.rpartition(".")[0], assign.options.get(Option.WRITTEN)
    return isinstance(value, str) and value.replace(".", "").isidentifier() and value.rpartition(".")[0] == owner


def holds_replaced(graph: EventGraph, optimizer: AbstractObject, assign: Event) -> bool:
    """Whether an optimizer was made of the module that is changed, or of the part that is replaced."""
    module, new = assign.subject, assign.object
    before = [e.object for e in graph.all(Kind.ASSIGN, about=module) if e.how == assign.how and e.object is not new]
    changed = (module, *module.owners()) if assign.how == How.NEW_PARAMETERS else (module,)
    return any(
        any(one is owner for owner in changed)
        or any(one is part for part in before)
        or (one is not new and module in one.owners() and one.name.rpartition(".")[2] == assign.how)
        for one in optimizer.ancestry()
    )


def brings_parameters(graph: EventGraph, assign: Event) -> bool:
    """Whether the assignment adds new trainable parameters, not only those that the model had before."""
    new = assign.object
    if new is None or new.type not in (Type.MODULE, Type.PARAMETERS) or not new.certain or new.external:
        return False
    before = [event.object for event in graph.all(Kind.ASSIGN, about=assign.subject) if event is not assign]
    known = (assign.subject, *(part for part in before if part is not None and part is not new))
    made_of = [owner for part in new.ancestry() if part is not new for owner in part.owners()]
    return Fact.NO_PARAMETERS not in new.facts and not any(part is one for part in known for one in made_of)


def listed_before(optimizer: AbstractObject, assign: Event, make: Event) -> bool:
    """Whether an optimizer was made of a list that was made, in the same function, before new parameters came."""
    listed = optimizer.operands[0].place if optimizer.operands else None
    if listed is None or assign.how != How.NEW_PARAMETERS or assign.function != make.function:
        return False
    in_order = listed.before(assign.place) and assign.place.before(make.place)
    return in_order and listed.text.startswith(("[", "list("))
