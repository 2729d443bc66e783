"""Operators: arithmetic, signs and comparisons of two or more values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import ClassVar

from looplint.events import AbstractObject, Fact, How, Kind, Option, Type
from looplint.interpreter.conditions import is_periodic
from looplint.interpreter.objects import MEANS, cut_off
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Member,
    Value,
    either,
    objects_in,
)
from looplint.knowledge.members import COUNTED_PARTS, SHAPE_METHODS, SHAPES
from looplint.knowledge.name_hints import EPSILON
from looplint.syntax.walk import as_text

TINY = 1e-3
"""Numbers up to this are added to keep something from zero."""


class Operators(Part):
    """Evaluates binary and unary operators and comparisons."""

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.reader.evaluate(node.left), self.reader.evaluate(node.right)
        if isinstance(left, Const) and isinstance(right, Const):
            number = self.reader.objects.number(node)
            number.shape = self.reader.library.shape_of_operator(node.op, left, right)
            return number
        if isinstance(left, Const) and isinstance(left.value, str):
            return self.reader.objects.number(node)
        if isinstance(left, Collection) and isinstance(right, Collection) and isinstance(node.op, ast.Add):
            joined = self.reader.objects.collection(node)
            joined.more = (*left.elements(), *right.elements())
            joined.operands = (*left.operands, *right.operands)
            return joined
        if isinstance(left, Collection) and isinstance(node.op, ast.Mult):
            return left
        shape = self.reader.library.shape_of_operator(node.op, left, right)
        value = self.reader.objects.derived(node, (left, right))
        value.shape = shape
        self._broadcast(node, left, right, value)
        for side in (left, right):
            for thing in objects_in(side):
                if thing.type is Type.TENSOR and value.type is Type.UNKNOWN:
                    value.type = Type.TENSOR
                value.facts |= thing.facts & {
                    Fact.GRADED,
                    Fact.SCALED,
                    Fact.COUNTS_BATCHES,
                    Fact.COUNTS_UPDATES,
                    Fact.CUT_OFF,
                    Fact.LOSS_VALUE,
                    Fact.RESULT_VALUE,
                }
        value.facts |= _mean_of(node.op, left, right)
        if _adds_terms(node.op, left, right):
            value.facts |= {Fact.TERMS}
        value.facts |= _squares(node, left, right)
        if isinstance(node.op, ast.Add):
            self.reader.objects.note_added_number(value, left, right)
            if isinstance(node.left, ast.BinOp) and isinstance(node.right, ast.BinOp):
                self.reader.library.added(node)
            if _is_tiny(right, node.right):
                self._offset(left, node)
        if isinstance(node.op, ast.Div) and self.averaged(left, right, node, node.right):
            value.facts |= {Fact.AVERAGED}
        if isinstance(node.op, ast.Sub | ast.BitAnd | ast.BitXor) and any(map(_has_elements, objects_in(left))):
            value.facts |= {Fact.SELECTED}
        if isinstance(node.op, ast.Mult):
            self.multiplied(left, right, node)
            self.multiplied(right, left, node)
        divided = isinstance(node.op, ast.Div | ast.FloorDiv) and not isinstance(left, Const)
        if divided and any(Fact.COUNTS_BATCHES in thing.facts for thing in objects_in(left)):
            value.facts |= {Fact.COUNTS_UPDATES}
        return value

    def _broadcast(self, node: ast.BinOp, left: Value, right: Value, value: AbstractObject) -> None:
        """A difference between a column and a row: of each with each."""
        shapes = [self.reader.library.shape_of(side) for side in (left, right)]
        if not isinstance(node.op, ast.Sub) or shapes[0] is None or shapes[1] is None:
            return
        if shapes[0].broadcasts_along(shapes[1]):
            places = tuple(map(self.reader.now.place, (node.left, node.right)))
            options: dict[str, object] = {Option.SHAPES: tuple(shapes), Option.ARGUMENTS: places}
            inputs = [next(objects_in(side), value) for side in (left, right)]
            self.reader.emit(Kind.BROADCAST, (value,), node, inputs=inputs, options=options)

    def _offset(self, value: Value, node: ast.BinOp) -> None:
        """A tiny number is added to what a function gave that is steep at zero."""
        steep = [one for one in objects_in(value) if Fact.STEEP in one.facts]
        mended = None
        if isinstance(node.left, ast.Call) and isinstance(node.left.func, ast.Attribute):
            function, inner = as_text(node.left.func), [*node.left.args]
            if len(inner) == 1 and not node.left.keywords:
                mended = f"{function}({as_text(inner[0])} + {as_text(node.right)})"
            elif not inner and not node.left.keywords:
                mended = f"({as_text(node.left.func.value)} + {as_text(node.right)}).{node.left.func.attr}()"
        self.reader.emit(Kind.OFFSET, steep, node, options={Option.MENDED: mended}, written=as_text(node.right))

    def averaged(self, total: Value, count: Value, node: ast.AST, divisor: ast.expr) -> bool:
        """Whether a sum of means is divided by a number of samples or batches."""
        sums = list(objects_in(total))
        counts = [one for one in objects_in(count) if one.type is Type.NUMBER]
        if sums and all(Fact.SUM_OF_MEANS in one.facts for one in sums) and len(counts) == 1:
            options: dict[str, object] = {Option.DIVISOR: self.reader.now.place(divisor)}
            if loader := _loader_of(divisor):
                options[Option.LOADER] = as_text(loader)
            if counts[0].facts & {Fact.COUNTS_SAMPLES, Fact.COUNTS_BATCHES}:
                self.reader.emit(Kind.AVERAGE, sums[:1], node, object=counts[0], options=options)
                return True
        return False

    def multiplied(self, value: Value, factor: Value, node: ast.AST) -> None:
        """An average is multiplied by something other than 100: it may become an average over samples."""
        if not (isinstance(factor, Const) and factor.value == 100):
            averages = [one for one in objects_in(value) if Fact.AVERAGED in one.facts]
            self.reader.emit(Kind.READ, averages, node, how=How.AVERAGE_SCALED)

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.reader.evaluate(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int | float):
            return Const(-value.value)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Const):
                return Const(not value.value, value.argument)
            negated = self.reader.objects.number(node)
            negated.facts |= {fact for one in objects_in(value) for fact in one.facts & {Fact.PERIODIC}}
            return negated
        result = self.reader.objects.derived(node, (value,))
        for thing in objects_in(value):
            result.facts |= thing.facts & {Fact.GRADED, *MEANS}
        return result

    def _compare(self, node: ast.Compare) -> Value:
        left, *others = self.reader.evaluate_all((node.left, *node.comparators))
        self._shapes_compared(node)
        if len(others) == 1 and isinstance(left, Const) and isinstance(others[0], Const):
            decided = _compared(node.ops[0], left, others[0])
            if decided is not None:
                return Const(decided, left.argument or others[0].argument)
        if len(others) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot) and isinstance(others[0], Const):
            found = list(objects_in(left))
            scalers = [one for one in found if self.reader.objects.is_like(one, Type.SCALER)]
            gradients = [one for one in found if Fact.GRADIENT in one.facts]
            self.reader.emit(Kind.READ, scalers or gradients, node, how=How.IS_NONE)
            if others[0].value is None and isinstance(left, AbstractObject | Function | Class) and _exists(left):
                return Const(isinstance(node.ops[0], ast.IsNot), argument=True)
        result = self.reader.objects.number(node)
        result.facts |= frozenset(fact for side in (left, *others) for one in objects_in(side) for fact in cut_off(one))
        if is_periodic(node):
            result.facts |= {Fact.PERIODIC}
        return result

    def _shapes_compared(self, node: ast.Compare) -> None:
        """Code that compares two shapes may not go on where they differ: they are unknown from here on."""
        names = [name for side in (node.left, *node.comparators) if (name := _whose_shape(side))]
        if len(names) > 1:
            for tensor in objects_in(either([self.reader.evaluate(name) for name in names])):
                tensor.shape = None

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.Compare: _compare,
    }


def _loader_of(divisor: ast.expr) -> ast.expr | None:
    """The loader in `len(loader.dataset)` and `len(loader.sampler)`."""
    match divisor:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute(value=loader, attr=part)]) if part in COUNTED_PARTS:
            return loader
    return None


def _exists(value: Value) -> bool:
    """Whether a value is certainly not None: known code created it."""
    return not isinstance(value, AbstractObject) or (value.certain and not value.external)


def _has_elements(thing: AbstractObject) -> bool:
    return isinstance(thing, Collection) or thing.type is Type.PARAMETERS


def _adds_terms(op: ast.operator, left: Value, right: Value) -> bool:
    """Whether an operator adds values up, or multiplies one by a number or an option."""
    if isinstance(op, ast.Mult):
        return _is_plain(left) or _is_plain(right)
    return isinstance(op, ast.Add | ast.Sub) or (isinstance(op, ast.Div) and _is_plain(right))


def _is_plain(value: Value) -> bool:
    return isinstance(value, Const) or (
        isinstance(value, AbstractObject) and (value.type is Type.NUMBER or (value.external and not value.operands))
    )


def _mean_of(op: ast.operator, left: Value, right: Value) -> frozenset[Fact]:
    """Whether the result of an operator is a mean, too: a mean times a number, or plus another term."""
    both = [
        frozenset.intersection(*(one.facts for one in found)) & MEANS if found else frozenset[Fact]()
        for found in (list(objects_in(left)), list(objects_in(right)))
    ]
    if isinstance(op, ast.Add | ast.Sub):
        return both[0] | both[1]
    if isinstance(op, ast.Mult | ast.Div):
        means = (both[0] if isinstance(right, Const) else frozenset()) | (
            both[1] if isinstance(left, Const) else frozenset()
        )
        return means | ({Fact.RESIZED} if means else frozenset())
    return frozenset()


def _squares(node: ast.BinOp, left: Value, right: Value) -> frozenset[Fact]:
    """Whether an expression gives squares, `x ** 2` or `x * x`, or a sum of some."""
    squared = isinstance(node.op, ast.Pow) and isinstance(right, Const) and right.value == 2
    twice = isinstance(node.op, ast.Mult) and ast.dump(node.left) == ast.dump(node.right)
    sides = [list(objects_in(side)) for side in (left, right)]
    added = isinstance(node.op, ast.Add) and all(
        found and all(Fact.SQUARES in one.facts for one in found) for found in sides
    )
    return frozenset((Fact.SQUARES,)) if ((squared or twice) and sides[0]) or added else frozenset()


def _is_tiny(value: Value, node: ast.expr) -> bool:
    """Whether a value is a number that is there to keep something from zero: `1e-8`, `self.eps`."""
    if isinstance(value, Const):
        return isinstance(value.value, float) and 0 < value.value <= TINY
    return EPSILON.fullmatch(as_text(node)) is not None


def _whose_shape(side: ast.expr) -> ast.Name | None:
    """The tensor of `x.shape`, `x.shape[0]`, `x.ndim`, `x.size()` and `x.dim()`."""
    match side:
        case ast.Attribute(value=ast.Name() as tensor, attr=attribute) if attribute in SHAPES:
            return tensor
        case ast.Call(func=ast.Attribute(value=ast.Name() as tensor, attr=method)) if method in SHAPE_METHODS:
            return tensor
        case ast.Subscript(value=whole):
            return _whose_shape(whole)
    return None


def _compared(op: ast.cmpop, left: Const, right: Const) -> bool | None:
    if not (left.argument or right.argument):
        return None
    match op:
        case ast.Eq():
            return left.value == right.value
        case ast.NotEq():
            return left.value != right.value
        case ast.Is():
            return _is_same(left, right)
        case ast.IsNot():
            return not _is_same(left, right)
    return None


def _is_same(one: Const, other: Const) -> bool:
    return one.value is other.value or (isinstance(one.value, Member) and one.value == other.value)
