"""The interface through which the interpreter calls the library: code whose source is not analysed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from looplint.events import AbstractObject, Shape
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.tables import Tables
from looplint.interpreter.values import Class, Collection, Function, Instance, Value
from looplint.knowledge.effect import Effect

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class Library(Protocol):
    """The library's interface; `looplint.library` implements it."""

    def known(self, dotted: str, made_with: Mapping[str, object] | None = None) -> tuple[Effect, ...] | None:
        """The effects of a call according to the configuration or, failing that, to a row on a library. `made_with`:
        the constructor arguments of the receiver."""

    def call_symbol(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        """Call a function or a class by its dotted name."""

    def call_method(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject] = ()
    ) -> Value:
        """Call a method of an object of an unknown class. `others`: alternative receivers."""

    def call_collection_method(self, thing: Collection, name: str, given: Arguments, node: ast.Call) -> Value:
        """Call a method of a list, tuple, set or dict."""

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        """The value of an attribute of a library object; None if unknown."""

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
        """Apply a row of the tables."""

    def apply_all(
        self, effects: Sequence[Effect], thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        """Apply rows to one call, one after the other; returns the last result."""

    def mode_free(self, cls: Class) -> bool:
        """Whether a class belongs to a library whose modules compute the same in both modes."""

    def optimizers(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> list[AbstractObject]:
        """Several optimizers of which one steps or is cleared here: the same one at each call site."""

    def made(self, thing: AbstractObject, node: ast.AST) -> None:
        """An object of a known class was created."""

    def between_calls(self, receiver: AbstractObject | None, function: ast.AST, method: ast.AST) -> bool:
        """Whether unknown code may call another method of the same object between two calls of this one."""

    def returned_to_caller(self, receiver: AbstractObject | None, function: ast.AST, result: Value) -> None:
        """A function that unknown code calls returned: a framework may process the result."""

    def called_once(self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a framework calls a method of this object once."""

    def called_per_batch(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> bool:
        """Whether a framework calls a method of this object for each batch of its training."""

    def arguments_of(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        """The arguments that a framework passes to a method."""

    def decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> None:
        """A function with decorators was defined."""

    def run_waiting(self) -> None:
        """The entry point ends: run what it made for other code to run."""

    def added(self, node: ast.expr | ast.AugAssign) -> None:
        """Two products were added, or a name is changed in place: what enters a moving average may be weights."""

    def used(self, thing: Instance, name: str, given: Arguments | None, node: ast.expr) -> None:
        """An attribute of an object of the program's own class is read, or a method of it is called with `given`."""

    def passed(self, thing: AbstractObject, node: ast.AST) -> None:
        """Unknown code gets an object."""

    def shape_of(self, value: Value | None) -> Shape | None:
        """What is certain of the shape of a value."""

    def shape_of_operator(self, operator: ast.operator, left: Value, right: Value) -> Shape | None:
        """The shape of what an operator gives of two values."""

    def shape_of_item(self, base: AbstractObject, index: Value, node: ast.expr) -> Shape | None:
        """The shape of `base[index]`."""

    def shape_of_attribute(self, base: AbstractObject, name: str) -> Shape | None:
        """The shape of `base.name`."""

    def is_instance(self, value: Value, asked: Value) -> bool | None:
        """The result of `isinstance(value, asked)`; None if unknown."""

    def rules_out_tensors(self, asked: Value, holds: bool) -> bool:
        """Whether an object is no tensor that is an instance of these classes or, if not `holds`, of none of them."""

    def gives_samples(self, thing: AbstractObject) -> bool:
        """Whether what an index gives is a sample of a dataset, or a row of a tensor or an array."""

    def note_element(self, element: AbstractObject, collection: AbstractObject) -> None:
        """A loop over a collection gets this element in each pass."""

    def share_values(self, result: AbstractObject, values: tuple[Value, ...] | list[Value]) -> None:
        """A result has the values of its operands, in another shape."""

    def mark_activation(
        self,
        result: AbstractObject,
        dotted: str,
        given: Arguments | None,
        node: ast.Call,
        receiver: AbstractObject | None = None,
    ) -> None:
        """Record that the result's values are those of a softmax or sigmoid, if the callee is one."""


class MakesLibrary(Protocol):
    """Creates the library for one reader."""

    tables: Tables

    def __call__(self, reader: Reader) -> Library: ...
