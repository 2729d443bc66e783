"""Activations: which tensors hold the output of a softmax or sigmoid, and which operations preserve that."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Option, derivation
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import VALUES_KEPT
from looplint.interpreter.values import Collection, Const, Value, objects_in
from looplint.knowledge.logits import ACTIVATIONS, MONOTONE
from looplint.knowledge.torch_tensors import RANDOM_TENSORS
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


ON_EACH_PATH: frozenset[Fact] = frozenset((Fact.SOFTMAX, Fact.SIGMOID, Fact.LINEAR_OUTPUT))
"""What a value is only if it is so on each path that leads to it."""


def _parts(value: AbstractObject) -> list[AbstractObject]:
    return [one for part in value.elements() for one in objects_in(part)] if isinstance(value, Collection) else []


def _of_all(things: list[AbstractObject]) -> frozenset[Fact]:
    return frozenset.intersection(*(one.facts for one in things)) if things else frozenset()


def _on_each_path(values: tuple[tuple[AbstractObject, ...], ...]) -> frozenset[Fact]:
    """The facts that hold for one of these values in each of its alternatives."""
    alike = (
        frozenset.intersection(ON_EACH_PATH, *(one.facts | _of_all(_parts(one)) for one in ones))
        for ones in values
        if ones
    )
    return frozenset[Fact]().union(*alike)


def _is_random(things: Iterable[AbstractObject]) -> bool:
    """Whether values are computed of random numbers alone: a test may give a criterion any ones."""
    given = list(things)

    def made_of(one: AbstractObject) -> tuple[AbstractObject, ...]:
        return () if one.constructor in RANDOM_TENSORS else one.operands

    sources = (one for thing in given for one in derivation(thing, through=made_of) if not made_of(one))
    return bool(given) and all(one.constructor in RANDOM_TENSORS for one in sources)


class Activations(LibraryPart):
    """Records what the values of a tensor are."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._sources: dict[AbstractObject, list[tuple[tuple[AbstractObject, ...], ...]]] = {}
        self._callees: dict[AbstractObject, set[str]] = {}

    def share(self, result: AbstractObject, values: tuple[Value, ...] | list[Value], *, limited: bool = False) -> None:
        """The result holds the same values. `limited`: but for those that are out of range."""
        sources = self._sources.setdefault(result, [])
        sources.append(tuple(tuple(objects_in(value)) for value in values))
        for value in values:
            for one in objects_in(value):
                result.facts |= one.facts & VALUES_KEPT
                if limited:
                    result.facts -= {Fact.LINEAR_OUTPUT}
                if one.facts & {Fact.SOFTMAX, Fact.SIGMOID}:
                    result.options = one.options
                parts = _parts(one)
                if activation := _of_all(parts) & {Fact.SOFTMAX, Fact.SIGMOID}:
                    result.facts |= activation
                    result.options = parts[0].options
        # The same code is evaluated once for each value that it may get.
        result.facts -= ON_EACH_PATH - frozenset.intersection(*map(_on_each_path, sources))

    def _is_read_otherwise(self, call: ast.Call) -> bool:
        """Whether the name that a call is bound to is read more than once before it is bound again, not counting what
        depends on the order of the values alone: a criterion is not all that needs them. An attribute may be."""
        now = self.reader.now
        statement = now.statement
        if not isinstance(statement, ast.Assign) or statement.value is not call:
            return False
        target = statement.targets[-1]
        if not isinstance(target, ast.Name):
            return not isinstance(target, ast.Tuple | ast.List)
        around = list(nodes(now.frame.function or now.module.tree))
        ordered = {id(name) for node in around for name in _in_order_only(node)}
        names = [one for one in around if isinstance(one, ast.Name) and one.id == target.id]
        behind = [one for one in names if one.lineno > (statement.end_lineno or statement.lineno)]
        bound = min((one.lineno for one in behind if isinstance(one.ctx, ast.Store)), default=None)
        reads = [one for one in behind if isinstance(one.ctx, ast.Load) and (bound is None or one.lineno <= bound)]
        return sum(id(one) not in ordered for one in reads) > 1

    def mark(
        self,
        result: AbstractObject,
        dotted: str,
        given: Arguments | None,
        node: ast.Call,
        receiver: AbstractObject | None = None,
    ) -> None:
        """Record that the result's values are those of a softmax or sigmoid, if the callee is one, and so is each other
        callee that may give it: `(F.log_softmax if logs else F.softmax)(scores)`."""
        callees = self._callees.setdefault(result, set())
        callees.add(dotted)
        activation = ACTIVATIONS.get(dotted)
        if given is not None and _is_function(dotted, given):
            receiver = None
        if len({ACTIVATIONS.get(name) for name in callees}) > 1:
            result.facts -= {Fact.SOFTMAX, Fact.SIGMOID}
            return
        operand = receiver if given is None or receiver is not None else given.get(0, "input")
        if activation is None or _is_random(objects_in(operand)):
            return
        result.facts |= {activation}
        result.options = {Option.ACTIVATION: self.reader.now.place(node)}
        if given is not None:
            argument = (
                node.func.value
                if receiver is not None and isinstance(node.func, ast.Attribute)
                else next(iter(node.args), None)
            )
            if argument is not None and not self._is_read_otherwise(node):
                text = as_text(argument)
                result.options[Option.ACTIVATED] = dataclasses.replace(self.reader.now.place(argument), text=text)
                match self.reader.now.statement:
                    case ast.Assign(targets=[target], value=value) as whole if (
                        value is node and as_text(target) == text
                    ):
                        result.options[Option.ACTIVATES] = self.reader.now.place(whole)


def _is_function(dotted: str, given: Arguments) -> bool:
    """Whether what looks like a method is a function of a module that is not known, as `F` behind `from helpers import
    *`: the methods `softmax(dim)` and `sigmoid()` take no tensor."""
    if not given.args:
        return False
    second = given.args[1] if len(given.args) > 1 else None
    return (
        dotted == "Tensor.sigmoid"
        or "dim" in given.keywords
        or (isinstance(second, Const) and second.value is not None)
    )


def _in_order_only(node: ast.AST) -> Iterator[ast.expr]:
    """The value of which an expression reads the order, the shape or the place alone: `x` of `x.argmax(1)`."""
    match node:
        case ast.Attribute(value=value, attr=name) if name in MONOTONE:
            yield value
        case ast.Call(func=ast.Attribute(attr=name), args=[value, *_]) if name in MONOTONE:
            yield value
