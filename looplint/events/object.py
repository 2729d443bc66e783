"""Objects of a program, and how one comes from another."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.facts import Fact
from looplint.events.kinds import Graph, Type
from looplint.events.place import Place

if TYPE_CHECKING:
    from looplint.events.loop_scope import LoopScope


@dataclasses.dataclass(eq=False, slots=True)
class AbstractObject:
    """An object of the program, told apart by where it was made, never by its name alone.

    `constructor`: dotted name of what made it (`torch.optim.SGD`), empty if not known. `certain`: the type is known by
    constructor, annotation or base class; otherwise it is read off a name or a use. `operands`: what it was made of
    (an optimizer's parameters, a wrapper's module, a tensor's inputs). `owner`: what it is a part of. `options`: the
    arguments it was made with, as far as they are plain (`{"shuffle": False}`). `external`: it comes from outside
    (parameter, global, attribute). `graph`: whether it holds an autograd graph. `facts`: what else is known of it.
    `loops`: the loops around the code that made it, outermost first. `carried_into`: the loops in which a name may
    still stand for it one pass after the one that made it.
    """

    type: Type = Type.UNKNOWN
    name: str = ""
    constructor: str = ""
    certain: bool = False
    place: Place | None = None
    operands: tuple[AbstractObject, ...] = ()
    options: dict[str, object] = dataclasses.field(default_factory=dict)
    graph: Graph = Graph.UNKNOWN
    external: bool = False
    owner: AbstractObject | None = None
    loops: tuple[LoopScope, ...] = ()
    facts: frozenset[Fact] = frozenset()
    carried_into: frozenset[LoopScope] = frozenset()

    def __str__(self) -> str:
        return self.name or self.type

    def ancestry(self) -> Iterator[AbstractObject]:
        """The thing, and everything it was made of, nearest first."""
        seen = {id(self)}
        queue = deque([self])
        while queue:
            thing = queue.popleft()
            yield thing
            for source in thing.operands:
                if id(source) not in seen:
                    seen.add(id(source))
                    queue.append(source)

    @property
    def origins(self) -> tuple[AbstractObject, ...]:
        """What it was made of or, where that is not known, what it is a part of."""
        return self.operands or ((self.owner,) if self.owner is not None else ())

    def owners(self) -> Iterator[AbstractObject]:
        """The thing, and what it is a part of (the module of a layer), innermost first."""
        thing: AbstractObject | None = self
        seen: set[int] = set()
        while thing is not None and id(thing) not in seen:
            seen.add(id(thing))
            yield thing
            thing = thing.owner

    def comes_from(self, other: AbstractObject) -> bool:
        """Whether `other` is this thing or something it was made of."""
        return any(thing is other for thing in self.ancestry())

    def related(self, other: AbstractObject) -> bool:
        """Whether what is done to one may be done to the other: they share something they were made of, or one is
        made of a part of the other. Two parts of one whole are not related."""
        mine, theirs = list(self.ancestry()), list(other.ancestry())
        my_ids, their_ids = {id(thing) for thing in mine}, {id(thing) for thing in theirs}
        return any(id(owner) in my_ids for thing in theirs for owner in thing.owners()) or any(
            id(owner) in their_ids for thing in mine for owner in thing.owners()
        )


EVERYTHING = AbstractObject(Type.UNKNOWN, "everything")
"""Stands for all objects, where code that is not followed may do anything to any of them."""
