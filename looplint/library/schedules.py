"""Learning rate schedules: what their functions read, and whether they return the rate itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from looplint.events import AbstractObject, Fact, Graph, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Const, Function, Instance, Partial, Value, alternatives, objects_in
from looplint.knowledge.torch_schedules import (
    KEEPS_RATE,
    LENGTHS,
    MULTIPLIES_RATE,
    NUMBERS_OF_BATCHES,
    SET_RATE,
    SETS_RATE,
)
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text, last_name, nodes

LEARNING_RATE = re.compile(r"(?:^|_)(?:lr|learning_rate)$")
"""Names of learning rates."""


class Schedules(LibraryPart):
    """Examines the arguments of schedulers."""

    def attribute(self, name: str, node: ast.expr) -> Value | None:
        """`trainer.estimated_stepping_batches`; None for an attribute that is no number of batches."""
        if name not in NUMBERS_OF_BATCHES:
            return None
        return self.reader.objects.make(node, Type.NUMBER, role="number", graph=Graph.NO, facts=(Fact.COUNTS_BATCHES,))

    def read_by(self, values: Iterable[Value]) -> Iterator[Value]:
        """The free variables of the functions among these values."""
        for function in values:
            if not isinstance(function, Function):
                continue
            own = {argument.arg for argument in nodes(function.node.args) if isinstance(argument, ast.arg)}
            for name in {n.id for n in nodes(function.node) if isinstance(n, ast.Name)} - own:
                yield self._free(function, name)

    def facts(self, dotted: str, given: Arguments) -> set[Fact]:
        """Whether a schedule sets the rate in its constructor or goes on from the one at hand, and whether its function
        returns the rate itself."""
        found = {Fact.SETS_RATE} if dotted in SETS_RATE or dotted.startswith(SET_RATE) else set()
        found |= {Fact.KEEPS_RATE} if dotted in KEEPS_RATE else set()
        return found | ({Fact.GIVES_RATE} if self._returns_rate(dotted, given) else set())

    def _returns_rate(self, dotted: str, given: Arguments) -> bool:
        """Whether the function of a schedule multiplies by the initial rate of its optimizer."""
        function = given.get(1, "lr_lambda")
        bound = dict(function.keywords) if isinstance(function, Partial) else {}
        function = function.function if isinstance(function, Partial) else function
        if isinstance(function, Instance) and function.cls is not None:
            called = self.reader.instances.attribute(function, "__call__", ast.Name("__call__"))
            function = called if isinstance(called, Function) else function
        if dotted not in MULTIPLIES_RATE or not isinstance(function, Function):
            return False
        optimizers = [one for one in objects_in(given.get(0, "optimizer")) if one.type is Type.OPTIMIZER]
        rates = {str(one.options.get(Option.RATE_WRITTEN, "")) for one in optimizers} - {""}
        values = [one.options.get(Option.RATE) for one in optimizers]
        factors = [factor for result in _results(function) for factor in _factors(result)]
        if not rates.isdisjoint(as_text(factor) for factor in factors if last_name(factor) not in bound):
            return True
        named = [self._kept(function, factor, bound) for factor in factors if _names_rate(factor, rates)]
        return any(_are_same(value, rate) and not _is_one(rate) for value in named for rate in values)

    def _kept(self, function: Function, factor: ast.expr, bound: Mapping[str, Value]) -> Value | None:
        """The value of a factor that is an attribute of the function's object, an argument that is bound to it, or a
        variable of the code around it."""
        if isinstance(factor, ast.Name):
            own = {argument.arg for argument in nodes(function.node.args) if isinstance(argument, ast.arg)}
            return bound.get(factor.id) if factor.id in own else self._free(function, factor.id)
        if not isinstance(factor, ast.Attribute) or function.receiver is None:
            return None
        value: Value = function.receiver
        with self.reader.flow.silently():
            for name in as_text(factor).split(".")[1:]:  # `self.config.lr`
                value = self.reader.attributes.of(value, name, factor)
        return value

    def _free(self, function: Function, name: str) -> Value:
        """The value of a variable that a function reads from the code around it."""
        with self.reader.flow.silently(), self.reader.in_frame(function.frame):
            return self.reader.names.lookup(name, function.node)

    def length(self, dotted: str, given: Arguments) -> object:
        """How many steps a scheduler is made for, None if that is not known."""
        position, name = LENGTHS.get(dotted, (0, ""))
        return length(given.get(position, name)) if name else None

    def rate_written(self, node: ast.Call) -> str:
        """The learning rate of an optimizer as written, if it is a name, an attribute or an entry of one."""
        written = next((k.value for k in node.keywords if k.arg == "lr"), node.args[1] if len(node.args) > 1 else None)
        entry = isinstance(written, ast.Subscript) and isinstance(written.slice, ast.Constant)
        if written is None or not (entry or isinstance(written, ast.Name | ast.Attribute)):
            return ""
        with self.reader.flow.silently():
            value = self.reader.evaluate(written)
        return "" if _is_one(value) else as_text(written)


def length(value: Value | None) -> object:
    """A number that can be compared with another one: a constant, or the object that stands for it; else None."""
    if isinstance(value, Const):
        return value.value if isinstance(value.value, int) and value.value > 2 else None
    return value if isinstance(value, AbstractObject) else None


def has_one_rate(parameters: Value | None) -> bool:
    """Whether none of the groups that an optimizer is made with has a rate of its own; False if that is not known."""
    return parameters is not None and all(map(_is_without_rate, alternatives(parameters)))


def _is_without_rate(value: Value) -> bool:
    if isinstance(value, Collection):
        return not (value.mapping and "lr" in value.items) and all(
            value.mapping or has_one_rate(element) for element in value.elements()
        )
    if not isinstance(value, AbstractObject) or value.type in (Type.PARAMETERS, Type.TENSOR):
        return isinstance(value, AbstractObject)
    return bool(value.operands) and all(map(_is_without_rate, value.operands))


def _are_same(value: Value | None, rate: object) -> bool:
    if isinstance(value, Const) and isinstance(rate, Const):
        return value.value == rate.value
    return value is not None and value is rate


def _is_one(rate: object) -> bool:
    """Whether a rate is there to be multiplied by the intended rate."""
    return isinstance(rate, Const) and rate.value == 1


def _names_rate(factor: ast.expr, rates: Iterable[str]) -> bool:
    """Whether a factor has the last name of one of these rates (`self.lr` of `lr`), or one of a learning rate."""
    name = last_name(factor)
    return name in {rate.rpartition(".")[2] for rate in rates} or LEARNING_RATE.search(name) is not None


def _results(function: Function) -> list[ast.expr]:
    """The return values of a function."""
    if isinstance(function.node, ast.Lambda):
        return [function.node.body]
    return [n.value for n in nodes(function.node) if isinstance(n, ast.Return) and n.value is not None]


def _factors(result: ast.expr) -> Iterator[ast.expr]:
    """The factors of an expression; of a conditional or a bound those of its alternatives."""
    if isinstance(result, ast.BinOp) and isinstance(result.op, ast.Mult):
        yield from _factors(result.left)
        yield from _factors(result.right)
    elif isinstance(result, ast.BinOp) and isinstance(result.op, ast.Div):
        yield from _factors(result.left)
    elif isinstance(result, ast.IfExp):
        yield from _factors(result.body)
        yield from _factors(result.orelse)
    else:
        yield result
