"""Abstract objects of a program, and how one derives from another."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from looplint.events.facts import Fact
from looplint.events.kinds import Graph, Type
from looplint.events.place import Place
from looplint.events.shape import Shape

if TYPE_CHECKING:
    from looplint.events.loop_scope import LoopScope


@dataclasses.dataclass(eq=False, slots=True)
class AbstractObject:
    """An object of the program, identified by its allocation site, never by its name alone.

    - `type`: its role in training
    - `name`: as the source spells it where it was bound first
    - `constructor`: dotted name of the callee that created it (`torch.optim.SGD`), empty if unknown
    - `certain`: the type follows from constructor, annotation or base class; otherwise it was inferred from a name or a
      use
    - `place`: its allocation site, if known
    - `operands`: what it was built from (an optimizer's parameters, a wrapper's module, a tensor's inputs)
    - `options`: the literal arguments of its constructor (`{"shuffle": False}`), and attributes by `Option`
    - `graph`: whether it holds an autograd graph
    - `external`: it comes from outside the entry point (parameter, global, attribute)
    - `owner`: the object that it is a part of
    - `loops`: the loops around its allocation site, outermost first
    - `facts`: what else is known about it
    - `carried_into`: the loops in which a name may still refer to it one iteration after it was created
    - `shape`: of a tensor or an array, as far as it is certain
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
    shape: Shape | None = None

    def __str__(self) -> str:
        return self.name or self.type

    def ancestry(self) -> Iterator[AbstractObject]:
        """The object, and everything it was built from, nearest first."""
        found, seen = [self], {self}
        for thing in found:  # It grows meanwhile.
            yield thing
            for source in thing.operands:
                if source not in seen:
                    seen.add(source)
                    found.append(source)

    @property
    def origins(self) -> tuple[AbstractObject, ...]:
        """Its operands or, if they are unknown, its owner."""
        return self.operands or ((self.owner,) if self.owner is not None else ())

    @property
    def holds_parameters(self) -> bool:
        """Whether it is, or has, what an optimizer trains: a value computed with it may have a graph."""
        return self.type in (Type.MODULE, Type.PARAMETERS, Type.ENGINE)

    def owners(self) -> Iterator[AbstractObject]:
        """The object, and what it is a part of (the module of a layer), innermost first."""
        thing: AbstractObject | None = self
        seen: set[int] = set()
        while thing is not None and id(thing) not in seen:
            seen.add(id(thing))
            yield thing
            thing = thing.owner

    def comes_from(self, other: AbstractObject) -> bool:
        """Whether `other` is this object or one that it was built from."""
        return any_comes_from((self,), (other,))

    def related(self, other: AbstractObject) -> bool:
        """Whether a change to one may change the other: they share an operand, or one was built from a part of the
        other. Two parts of one whole are not related."""
        mine, theirs = list(self.ancestry()), list(other.ancestry())
        my_ids, their_ids = {id(thing) for thing in mine}, {id(thing) for thing in theirs}
        return any(id(owner) in my_ids for thing in theirs for owner in thing.owners()) or any(
            id(owner) in their_ids for thing in mine for owner in thing.owners()
        )


def any_comes_from(things: Iterable[AbstractObject], others: Collection[AbstractObject]) -> bool:
    """Whether one of the others is one of these things or one that any of them was built from."""
    found = [*things]
    seen = set(found)
    while found:  # Written out, since no other question is asked as often.
        thing = found.pop()
        if thing in others:
            return True
        for source in thing.operands:
            if source not in seen:
                seen.add(source)
                found.append(source)
    return False


EVERYTHING = AbstractObject(Type.UNKNOWN, "everything")
"""Stands for all objects, where unknown code may do anything to any of them."""
