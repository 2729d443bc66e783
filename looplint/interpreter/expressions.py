"""Expressions, in Python's evaluation order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Type
from looplint.interpreter.objects import cut_off
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Member,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.syntax.newer_nodes import Interpolation, TemplateStr
from looplint.syntax.walk import children, nodes


class Expressions(Part):
    """Evaluates names, operators and other small expressions."""

    def other(self, node: ast.expr) -> Value:
        """An expression of an unsupported kind: only its parts are evaluated."""
        for child in children(node):
            if isinstance(child, ast.expr):
                self.reader.evaluate(child)
        return self.reader.objects.make(node, role="other")

    def _constant(self, node: ast.Constant) -> Value:
        return Const(node.value)

    def _name(self, node: ast.Name) -> Value:
        value = self.reader.names.lookup(node.id, node)
        if self.reader.flow.loops and not self.reader.flow.silent:
            self._carried_on(node.id, value)
        return value

    def _carried_on(self, name: str, value: Value) -> None:
        """Record results that a name may still refer to one iteration after they were created: at the loop head its new
        binding is joined with the old one."""
        results = [t for t in objects_in(value) if t.graph is not Graph.NO and t.type in (Type.TENSOR, Type.UNKNOWN)]
        bound = self.reader.names.bound_at(name)[1] if results else -1
        for scope in self.reader.flow.loops:
            if scope.head == bound:
                for thing in results:
                    thing.carried_into |= {scope}

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.reader.evaluate(node.left), self.reader.evaluate(node.right)
        if isinstance(left, Const) and isinstance(right, Const):
            return self.reader.objects.number(node)
        if isinstance(left, Const) and isinstance(left.value, str):
            return self.reader.objects.number(node)
        if isinstance(left, Collection) and isinstance(right, Collection) and isinstance(node.op, ast.Add):
            joined = self.reader.objects.collection(node)
            joined.more = (*left.elements(), *right.elements())
            joined.operands = (*left.operands, *right.operands)
            return joined
        if isinstance(left, Collection) and isinstance(node.op, ast.Mult):
            return left
        value = self.reader.objects.derived(node, (left, right))
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
                }
        divided = isinstance(node.op, ast.Div | ast.FloorDiv) and not isinstance(left, Const)
        if divided and any(Fact.COUNTS_BATCHES in thing.facts for thing in objects_in(left)):
            value.facts |= {Fact.COUNTS_UPDATES}
        return value

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.reader.evaluate(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int | float):
            return Const(-value.value)
        if isinstance(node.op, ast.Not):
            return (
                Const(not value.value, value.argument) if isinstance(value, Const) else self.reader.objects.number(node)
            )
        result = self.reader.objects.derived(node, (value,))
        for thing in objects_in(value):
            result.facts |= thing.facts & {Fact.GRADED}
        return result

    def _compare(self, node: ast.Compare) -> Value:
        left, *others = self.reader.evaluate_all((node.left, *node.comparators))
        if len(others) == 1 and isinstance(left, Const) and isinstance(others[0], Const):
            decided = _compared(node.ops[0], left, others[0])
            if decided is not None:
                return Const(decided, left.argument or others[0].argument)
        if len(others) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot) and isinstance(others[0], Const):
            scalers = [one for one in objects_in(left) if self.reader.objects.is_like(one, Type.SCALER)]
            self.reader.emit(Kind.READ, scalers, node, how=How.IS_NONE)
            if others[0].value is None and isinstance(left, AbstractObject | Function | Class) and _exists(left):
                return Const(isinstance(node.ops[0], ast.IsNot), argument=True)
        result = self.reader.objects.number(node)
        result.facts |= frozenset(fact for side in (left, *others) for one in objects_in(side) for fact in cut_off(one))
        return result

    def _boolean(self, node: ast.BoolOp) -> Value:
        """`a and b`: b is evaluated on one path only."""
        values = [self.reader.evaluate(node.values[0])]
        self._rest_of_boolean(node, 1, values)
        decided = [value.value for value in values if isinstance(value, Const) and value.argument]
        if isinstance(node.op, ast.And) and any(not one for one in decided):
            return Const(False, argument=True)
        if isinstance(node.op, ast.Or) and any(decided):
            return Const(True, argument=True)
        if len(decided) == len(node.values):
            return Const(bool(decided[-1]), argument=True)
        return either(values)

    def _rest_of_boolean(self, node: ast.BoolOp, index: int, values: list[Value]) -> None:
        if index == len(node.values):
            return
        yes, no = self.reader.conditions.guards(node.values[index - 1])

        def more() -> None:
            values.append(self.reader.evaluate(node.values[index]))
            self._rest_of_boolean(node, index + 1, values)

        if self.plain(node.values[index:]):
            more()
            return
        go, stop = (yes, no) if isinstance(node.op, ast.And) else (no, yes)
        self.reader.branches.fork([(go, more), (stop, lambda: None)])

    def plain(self, expressions: Iterable[ast.expr]) -> bool:
        """Whether these expressions have no effect."""
        happens = (ast.Call, ast.NamedExpr, ast.Await)
        return not any(isinstance(n, happens) for n in nodes(*expressions))

    def _conditional(self, node: ast.IfExp) -> Value:
        test = self.reader.evaluate(node.test)
        wrapped = _unwrapped(node.body, node.orelse) or _unwrapped(node.orelse, node.body)
        if wrapped is not None:
            return self.inside_of(self.reader.evaluate(wrapped), node)
        if isinstance(test, Const) and test.argument:
            return self.reader.evaluate(node.body if test.value else node.orelse)
        values: list[Value] = []
        if self.plain((node.body, node.orelse)):
            return either((self.reader.evaluate(node.body), self.reader.evaluate(node.orelse)))
        yes, no = self.reader.conditions.guards(node.test)
        self.reader.branches.fork(
            [
                (yes, lambda: values.append(self.reader.evaluate(node.body))),
                (no, lambda: values.append(self.reader.evaluate(node.orelse))),
            ]
        )
        return either(values) if values else self.reader.objects.make(node, role="other")

    def inside_of(self, value: Value, node: ast.expr) -> Value:
        """The module inside a wrapper, or the object itself if it is none: `model.module if ddp else model`."""
        shared = self.reader.tables.shared
        wrappers = [one for one in alternatives(value) if isinstance(one, AbstractObject) and one.constructor in shared]
        return either(
            self.reader.attributes.of(one, "module", node) if one in wrappers else one for one in alternatives(value)
        )

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.reader.evaluate(node.value)
        self.reader.names.bind(node.target.id, value, node.target)
        return value

    def _lambda(self, node: ast.Lambda) -> Value:
        function = Function(node, self.reader.now.frame)
        if not self.reader.flow.silent:
            self.reader.record.defined.append(function)
        return function

    def _await(self, node: ast.Await | ast.Starred | ast.FormattedValue) -> Value:
        return self.reader.evaluate(node.value)

    def _text(self, node: Any) -> Value:
        self.reader.evaluate_all(node.values)
        return self.reader.objects.number(node)

    def _slice(self, node: ast.Slice) -> Value:
        self.reader.evaluate_all((node.lower, node.upper, node.step))
        return self.reader.objects.number(node)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Value:
        value = self.reader.evaluate(node.value) if node.value is not None else Const(None)
        if isinstance(node, ast.YieldFrom):
            value = self.reader.items.element(value, node)
        if self.reader.now.exits:
            self.reader.now.exits[-1].yields.append(value)
        self.reader.with_blocks.yielded()
        return self.reader.objects.make(node, role="sent")

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.Compare: _compare,
        ast.BoolOp: _boolean,
        ast.IfExp: _conditional,
        ast.NamedExpr: _walrus,
        ast.Lambda: _lambda,
        ast.Await: _await,
        ast.Starred: _await,
        ast.FormattedValue: _await,
        ast.JoinedStr: _text,
        Interpolation: _await,
        TemplateStr: _text,
        ast.Slice: _slice,
        ast.Yield: _yield,
        ast.YieldFrom: _yield,
    }


def _unwrapped(inner: ast.expr, outer: ast.expr) -> ast.expr | None:
    """The second of `model.module` and `model`."""
    if isinstance(inner, ast.Attribute) and inner.attr == "module" and ast.dump(inner.value) == ast.dump(outer):
        return outer
    return None


def _exists(value: Value) -> bool:
    """Whether a value is certainly not None: known code created it."""
    return not isinstance(value, AbstractObject) or (value.certain and not value.external)


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
