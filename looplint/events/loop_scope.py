"""Loops of the program, as they enclose events."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from looplint.events.facts import Fact
from looplint.events.kinds import Type
from looplint.events.place import Place

if TYPE_CHECKING:
    from looplint.events.object import AbstractObject


@dataclasses.dataclass(eq=False, slots=True)
class LoopScope:
    """A loop of the program.

    `kind`: "for", "while", "comprehension", "call": a function that unknown code calls repeatedly, or "framework": a
    method that a framework calls for each batch. `place`: its statement. `head`: the index of the node that begins each
    iteration. `nodes`: half-open range of the nodes inside it. `over`: the iterable of a `for`, if known. `outer`: the
    enclosing loop. `endless`: only `break`, `return` or an exception leaves it. `target`: the target of a `for`, as
    written. `function`: the name of the enclosing function. `first`: a target that tells the passes apart, and its
    value in the first one, as written: `("epoch", "0")`.
    """

    kind: str
    place: Place
    head: int
    nodes: tuple[int, int] = (0, 0)
    over: AbstractObject | None = None
    outer: LoopScope | None = None
    endless: bool = False
    target: str = ""
    function: str = ""
    first: tuple[str, str] | None = None

    @property
    def first_pass(self) -> str:
        """The condition that holds in the first pass each time that the loop is entered, and in no other."""
        return f"it is the first pass of row {self.place.row} [{self.head}]"

    @property
    def is_call(self) -> bool:
        """Whether it stands for repeated calls of a function rather than a loop in the source."""
        return self.kind in ("call", "framework")

    @property
    def is_of_framework(self) -> bool:
        """Whether it stands for the loop over batches in which a framework calls a method."""
        return self.kind == "framework"

    @property
    def is_written(self) -> bool:
        """Whether it is a `for` or `while` statement."""
        return self.kind in ("for", "while")

    @property
    def goes_over_data(self) -> bool:
        """Whether it iterates over something other than numbers and constants: batches, datasets, models."""
        return self.over is not None and self.over.type is not Type.NUMBER and Fact.CONSTANTS not in self.over.facts

    @property
    def takes_rows(self) -> bool:
        """Whether it takes out one part of the rows of some data after the other."""
        return self.over is not None and Fact.DATA_IN_PARTS in self.over.facts

    @property
    def counts(self) -> bool:
        """Whether it iterates over numbers: a number of times."""
        return self.over is not None and self.over.type is Type.NUMBER
