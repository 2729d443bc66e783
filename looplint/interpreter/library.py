"""What the interpreter asks of the library: calls to code whose source is not read."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from looplint.events import AbstractObject
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.tables import Tables
from looplint.interpreter.values import Class, Collection, Value
from looplint.knowledge.effect import Effect

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class Library(Protocol):
    """The library as the interpreter knows it; `looplint.library` has it."""

    def known(self, dotted: str, made_with: Mapping[str, object] | None = None) -> tuple[Effect, ...] | None:
        """What the configuration, or failing that a row on a library, says about a call. `made_with`: what the
        receiver was given when it was made."""

    def call_symbol(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        """Call a function or a class by its dotted name."""

    def call_method(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject] = ()
    ) -> Value:
        """Call a method of an object whose class is not read. `others`: what it may be called on instead."""

    def call_collection_method(self, thing: Collection, name: str, given: Arguments, node: ast.Call) -> Value:
        """Call a method of a list, tuple, set or dict."""

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        """What an attribute of an object of the library stands for; None where nothing is known of it."""

    def predict(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """Call a module."""

    def direct_forward(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """Call the `forward` of a module."""

    def grade(self, criterion: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """Call a criterion."""

    def apply(
        self,
        effect: Effect,
        thing: AbstractObject | None,
        given: Arguments,
        node: ast.Call,
        name: str,
        others: Sequence[AbstractObject] = (),
    ) -> Value:
        """Carry out a row of the tables."""

    def apply_all(
        self, effects: Sequence[Effect], thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        """Carry out rows on one call, one after the other; what the last one returns."""

    def mode_free(self, cls: Class) -> bool:
        """Whether a class is of a library whose modules compute the same in both modes."""

    def optimizers(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> list[AbstractObject]:
        """Several optimizers of which one steps or is cleared here: whichever it is, it is the same one all along."""

    def made(self, thing: AbstractObject, node: ast.AST) -> None:
        """An object of a class that is read was made."""

    def between_calls(self, receiver: AbstractObject | None, function: ast.AST, method: ast.AST) -> bool:
        """Whether unknown code may call another method of the same object between two calls of this one."""

    def returned_to_caller(self, receiver: AbstractObject | None, function: ast.AST, result: Value) -> None:
        """A function that unknown code calls returned: a framework may go on with the result."""

    def share_values(self, result: AbstractObject, values: tuple[Value, ...] | list[Value]) -> None:
        """A result has the values of what it was computed from, in another shape."""

    def mark_activation(
        self,
        result: AbstractObject,
        dotted: str,
        given: Arguments | None,
        node: ast.Call,
        receiver: AbstractObject | None = None,
    ) -> None:
        """The result's values are those of a softmax or sigmoid, if that is what was called."""


class MakesLibrary(Protocol):
    """What makes the library of one reading."""

    tables: Tables

    def __call__(self, reader: Reader) -> Library: ...
