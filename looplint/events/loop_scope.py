"""Loops of the program, as what is around an event."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from looplint.events.kinds import Type
from looplint.events.place import Place

if TYPE_CHECKING:
    from looplint.events.object import AbstractObject


@dataclasses.dataclass(eq=False, slots=True)
class LoopScope:
    """A loop of the program.

    `kind`: "for", "while", "comprehension", or "call" for a function that is called again and again by unknown code.
    `head`: the node that begins each pass. `nodes`: half-open range of nodes inside it. `over`: what a `for` goes
    over. `outer`: the loop around it. `endless`: it can only be left by `break`, `return` or an exception. `target`:
    what a `for` binds, as written. `function`: the function it stands in.
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

    @property
    def is_call(self) -> bool:
        """Whether it stands for the calls of a function, not for a loop of the code."""
        return self.kind == "call"

    @property
    def is_written(self) -> bool:
        """Whether it is a `for` or `while` statement."""
        return self.kind in ("for", "while")

    @property
    def goes_over_data(self) -> bool:
        """Whether it goes over something else than numbers: batches, datasets, models."""
        return self.over is not None and self.over.type is not Type.NUMBER
