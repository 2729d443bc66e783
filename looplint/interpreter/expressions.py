"""Expressions, in Python's evaluation order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from looplint.events import AbstractObject, Graph, Type
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Const,
    Function,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.syntax.newer_nodes import Interpolation, TemplateStr
from looplint.syntax.walk import children, nodes

_RESULTS = frozenset((Type.TENSOR, Type.UNKNOWN))


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
        results = [t for t in objects_in(value) if t.graph is not Graph.NO and t.type in _RESULTS]
        if not results:
            return
        bound = self.reader.names.bound_at(name)[1]
        for scope in self.reader.flow.loops:
            if scope.head == bound:
                for thing in results:
                    thing.carried_into |= {scope}

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

        def arm(holds: bool, value: ast.expr) -> None:
            self.reader.branches.parts_known(node.test, holds)
            values.append(self.reader.evaluate(value))

        yes, no = self.reader.conditions.guards(node.test)
        self.reader.branches.fork([(yes, lambda: arm(True, node.body)), (no, lambda: arm(False, node.orelse))])
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
        if self.reader.accumulation.adds_to_itself(node.value, node.target):
            self.reader.best_values.count(node.target)
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
            exits = self.reader.now.exits[-1]
            exits.yields.append(value)
            if exits.stream is not None and node.value is not None:
                self.reader.accumulation.keep_trained(exits.stream, value, node, None, exits.begin)
        self.reader.with_blocks.yielded()
        return self.reader.objects.make(node, role="sent")

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
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
