"""Rows of methods by name: each adds a small handler to a table.

A handler returns the call's result, or None if the method means something else on this receiver.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Value

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


@dataclasses.dataclass(slots=True)
class MethodCall:
    """A method call. `kind`: the type of the receiver `thing`, as far as its uses show. `others`: alternative
    receivers."""

    library: Library
    thing: AbstractObject
    kind: Type
    name: str
    given: Arguments
    node: ast.Call
    others: Sequence[AbstractObject] = ()

    @property
    def reader(self) -> Reader:
        """The reader of the program."""
        return self.library.reader

    def has(self, fact: Fact) -> bool:
        """Whether a fact about the receiver is known."""
        return fact in self.thing.facts


Handler = Callable[[MethodCall], Value | None]

Table = dict[str, tuple[Handler, ...]]
"""By name, the handlers in the order in which they are tried."""


def row(table: Table, names: Collection[str]) -> Callable[[Handler], Handler]:
    """A decorator that adds a handler to a table, for each of these names."""

    def add(handler: Handler) -> Handler:
        for name in names:
            table[name] = (*table.get(name, ()), handler)
        return handler

    return add
