"""Outputs of recurrent layers that give (time, batch, features), indexed as if the batch came first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from looplint.knowledge.layers import RECURRENT
from looplint.module_classes.class_syntax import Function, assignments, is_name, nodes, self_attribute
from looplint.module_classes.classes import Classes
from looplint.modules import SequenceIndex

TURNS = frozenset(("transpose", "permute", "swapaxes", "movedim", "t", "T", "mT", "rearrange", "einsum"))
"""What changes the order of dimensions."""

REDUCES = frozenset(("mean", "max", "amax", "sum"))
"""Methods that make one value of those along a dimension."""


def sequences(classes: Classes, methods: Sequence[Function], running: Sequence[Function]) -> Iterator[SequenceIndex]:
    """Those in the methods that `forward` runs; `methods`: all of the class, which make its layers."""
    made = _time_first(classes, methods)
    for method in running if made else ():
        for node in nodes(method, ast.expr):
            indexed = _second_dimension(node)
            layer = _given_by(method, indexed, made) if indexed is not None else None
            if layer is not None and not _holds_one(method, layer[1]):
                name = layer[0]
                turned = any(n.attr in TURNS for n in nodes(method, ast.Attribute)) or any(
                    n.id in TURNS for n in nodes(method, ast.Name)
                )
                place = classes.text.place(made[name])
                told = any(keyword.arg == "batch_first" for keyword in made[name].keywords)
                closed = not told and place.text.endswith(")") and not place.text.rstrip(")\n ").endswith(",")
                yield SequenceIndex(
                    layer=f"self.{name}",
                    place=classes.text.place(node),
                    made=place,
                    mended=f"{place.text[:-1]}, batch_first=True)" if closed and not turned else None,
                )


def _time_first(classes: Classes, methods: Sequence[Function]) -> dict[str, ast.Call]:
    """By attribute, the recurrent layers that take and give (time, batch, features)."""
    found: dict[str, list[ast.expr]] = {}
    for method in methods:
        for target, value in assignments(method):
            if name := self_attribute(target):
                found.setdefault(name, []).append(value)
    made: dict[str, ast.Call] = {}
    for name, values in found.items():
        calls = [value for value in values if isinstance(value, ast.Call) and _is_time_first(classes, value)]
        if len(calls) == len(values):
            made[name] = calls[0]
    return made


def _is_time_first(classes: Classes, call: ast.Call) -> bool:
    position = RECURRENT.get(classes.resolve(call.func) or "")
    if position is None or any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    if len(call.args) > position or any(keyword.arg is None for keyword in call.keywords):
        return False
    asked = [keyword.value for keyword in call.keywords if keyword.arg == "batch_first"]
    return all(isinstance(value, ast.Constant) and value.value is False for value in asked)


def _second_dimension(node: ast.expr) -> ast.expr | None:
    """What is indexed by `[:, -1]`, or reduced along its second dimension."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) > 1:
        first, second = node.slice.elts[:2]
        whole = isinstance(first, ast.Slice) and first.lower is first.upper is first.step is None
        return node.value if whole and _number(second) == -1 else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in REDUCES:
        dimensions = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "dim")]
        return node.func.value if len(dimensions) == 1 and _number(dimensions[0]) == 1 else None
    return None


def _number(node: ast.expr) -> object:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int) else None
    return node.value if isinstance(node, ast.Constant) and not isinstance(node.value, bool) else None


def _given_by(method: Function, value: ast.expr, made: dict[str, ast.Call]) -> tuple[str, ast.Call] | None:
    """The layer whose output an expression is, and its call: `self.lstm(x)[0]`, or a name that was bound to it last."""
    if isinstance(value, ast.Name):
        bound = [
            (target, source)
            for target, source in assignments(method)
            if any(is_name(part, value.id) for part in nodes(target, ast.Name))
        ]
        stored = [n for n in nodes(method, ast.Name) if n.id == value.id and isinstance(n.ctx, ast.Store)]
        before = [(target, source) for target, source in bound if target.lineno < value.lineno]
        if not before or len(stored) != len(bound):
            return None
        target, source = max(before, key=lambda one: one[0].lineno)
        if isinstance(target, ast.Tuple):
            return _called(source, made) if is_name(target.elts[0], value.id) else None
        return _output(source, made) if isinstance(target, ast.Name) else None
    return _output(value, made)


def _output(value: ast.expr, made: dict[str, ast.Call]) -> tuple[str, ast.Call] | None:
    """Of `self.lstm(x)[0]` the call."""
    first = isinstance(value, ast.Subscript) and _number(value.slice) == 0
    return _called(value.value, made) if first and isinstance(value, ast.Subscript) else None


def _called(value: ast.expr, made: dict[str, ast.Call]) -> tuple[str, ast.Call] | None:
    name = self_attribute(value.func) if isinstance(value, ast.Call) else ""
    return (name, value) if name in made and isinstance(value, ast.Call) else None


def _holds_one(method: Function, call: ast.Call) -> bool:
    """Whether the sequence may be a single one, whose batch of 1 is taken out: `x.unsqueeze(1)`, `x.view(n, 1, -1)`,
    `x[:, None]`."""
    given = call.args[0] if call.args else None
    sources = [given] if given is not None else []
    if isinstance(given, ast.Name):
        sources += [source for target, source in assignments(method) if is_name(target, given.id)]
    for part in (part for source in sources for part in nodes(source, ast.expr)):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            numbers = [_number(argument) for argument in part.args]
            if part.func.attr == "unsqueeze" or (part.func.attr in ("view", "reshape") and 1 in numbers):
                return True
        if isinstance(part, ast.Constant) and part.value is None:
            return True
    return False
