"""Outputs of layers that give (time, batch, features), indexed as if the batch came first."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from looplint.knowledge.layers import ALONG_SEQUENCES, GIVE_STATES, TRANSFORMER_STACK
from looplint.module_classes.class_syntax import Function, assignments, is_name, nodes, self_attribute
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import SequenceIndex

TURNS = frozenset(("transpose", "permute", "swapaxes", "movedim", "t", "T", "mT", "rearrange", "einsum"))
"""What changes the order of dimensions."""

REDUCES = frozenset(("mean", "max", "amax", "sum"))
"""Methods that make one value of those along a dimension."""


def sequences(classes: Classes, methods: Sequence[Function], running: Sequence[Function]) -> Iterator[SequenceIndex]:
    """Wrong indices in the methods that `forward` runs; `methods`: all of the class, which make its layers."""
    made = _time_first(classes, methods)
    alone = [name for name, call in made.items() if classes.resolve(call.func) not in GIVE_STATES]
    for method in running if made else ():
        for node in nodes(method, ast.expr):
            indexed = _second_dimension(method, node)
            call = _given_by(method, indexed, made, alone) if indexed is not None else None
            if call is not None and not _holds_one(method, call):
                name = self_attribute(call.func)
                turned = any(n.attr in TURNS for n in nodes(method, ast.Attribute)) or any(
                    n.id in TURNS for n in nodes(method, ast.Name)
                )
                place = classes.text.place(made[name])
                given = any(keyword.arg == "batch_first" for keyword in made[name].keywords)
                closed = not given and place.text.endswith(")") and not place.text.rstrip(")\n ").endswith(",")
                yield SequenceIndex(
                    layer=f"self.{name}",
                    place=classes.text.place(node),
                    made=place,
                    mended=f"{place.text[:-1]}, batch_first=True)" if closed and not turned else None,
                )


def _time_first(classes: Classes, methods: Sequence[Function]) -> dict[str, ast.Call]:
    """By attribute, the layers that take and give (time, batch, features)."""
    found: dict[str, list[ast.expr]] = {}
    for method in methods:
        local = {target.id: value for target, value in assignments(method) if isinstance(target, ast.Name)}
        for target, value in assignments(method):
            if name := self_attribute(target):
                found.setdefault(name, []).append(_stacked(classes, value, local))
    made: dict[str, ast.Call] = {}
    for name, values in found.items():
        calls = [value for value in values if isinstance(value, ast.Call) and _is_time_first(classes, value)]
        if len(calls) == len(values):
            made[name] = calls[0]
    return made


def _stacked(classes: Classes, value: ast.expr, local: Mapping[str, ast.expr]) -> ast.expr:
    """Of a stack of one layer that layer, which says what comes first."""
    if not isinstance(value, ast.Call) or classes.resolve(value.func) != TRANSFORMER_STACK:
        return value
    layers = [*value.args[:1], *(keyword.value for keyword in value.keywords if keyword.arg == "encoder_layer")]
    layer = layers[0] if layers else value
    return local.get(layer.id, layer) if isinstance(layer, ast.Name) else layer


def _is_time_first(classes: Classes, call: ast.Call) -> bool:
    position = ALONG_SEQUENCES.get(classes.resolve(call.func) or "")
    if position is None or any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    if len(call.args) > position or any(keyword.arg is None for keyword in call.keywords):
        return False
    asked = [keyword.value for keyword in call.keywords if keyword.arg == "batch_first"]
    return all(isinstance(value, ast.Constant) and value.value is False for value in asked)


def _second_dimension(method: Function, node: ast.expr) -> ast.expr | None:
    """What is indexed by `[:, -1]`, or reduced along its second dimension."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) > 1:
        first, second = node.slice.elts[:2]
        whole = isinstance(first, ast.Slice) and first.lower is first.upper is first.step is None
        last = _number(second) == -1 or (isinstance(second, ast.BinOp) and _is_last(method, second))
        return node.value if whole and last else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in REDUCES:
        dimensions = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "dim")]
        return node.func.value if len(dimensions) == 1 and _number(dimensions[0]) == 1 else None
    return None


def _is_last(method: Function, index: ast.BinOp) -> bool:
    """Whether an index is the size of the second dimension less 1: `x.size(1) - 1`, or with a name for the size."""
    if not isinstance(index.op, ast.Sub) or _number(index.right) != 1:
        return False
    if not isinstance(index.left, ast.Name):
        return _is_second_size(index.left)
    bound = [
        (target, value)
        for target, value in assignments(method)
        if any(is_name(part, index.left.id) for part in nodes(target, ast.Name))
    ]
    if len(bound) != 1:
        return False
    target, value = bound[0]
    if isinstance(target, ast.Tuple) and len(target.elts) > 1 and is_name(target.elts[1], index.left.id):
        return _is_shape(value)
    return isinstance(target, ast.Name) and _is_second_size(value)


def _is_shape(node: ast.expr) -> bool:
    """`x.shape`, `x.size()`."""
    called = isinstance(node, ast.Call) and not node.args
    attribute = node.func if isinstance(node, ast.Call) else node
    return isinstance(attribute, ast.Attribute) and attribute.attr == ("size" if called else "shape")


def _is_second_size(node: ast.expr) -> bool:
    """`x.shape[1]`, `x.size(1)`."""
    if isinstance(node, ast.Subscript):
        return _number(node.slice) == 1 and _is_shape(node.value)
    of_size = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "size"
    return of_size and isinstance(node, ast.Call) and len(node.args) == 1 and _number(node.args[0]) == 1


def _number(node: ast.expr) -> object:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int) else None
    return node.value if isinstance(node, ast.Constant) and not isinstance(node.value, bool) else None


def _given_by(method: Function, value: ast.expr, layers: Collection[str], alone: Collection[str]) -> ast.Call | None:
    """The call of the layer whose output an expression is: `self.lstm(x)[0]`, `self.encoder(x)` of one that returns its
    output `alone`, or a name that was bound to it last."""
    if not isinstance(value, ast.Name):
        return _output(value, layers, alone)
    bound = [
        (target, source)
        for target, source in assignments(method)
        if any(is_name(part, value.id) for part in nodes(target, ast.Name))
    ]
    stored = [n for n in nodes(method, ast.Name) if n.id == value.id and isinstance(n.ctx, ast.Store)]
    here = value.lineno, value.col_offset
    before = [(target, source) for target, source in bound if (target.lineno, target.col_offset) < here]
    if not before or len(stored) != len(bound):
        return None
    target, source = max(before, key=lambda one: (one[0].lineno, one[0].col_offset))
    if isinstance(target, ast.Tuple):
        of_layer = isinstance(source, ast.Call) and self_attribute(source.func) in set(layers) - set(alone)
        return source if of_layer and is_name(target.elts[0], value.id) and isinstance(source, ast.Call) else None
    return _output(source, layers, alone) if isinstance(target, ast.Name) else None


def _output(value: ast.expr, layers: Collection[str], alone: Collection[str]) -> ast.Call | None:
    """Of `self.lstm(x)[0]` the call, and of `self.encoder(x)`."""
    whole = isinstance(value, ast.Call)
    call = value.value if isinstance(value, ast.Subscript) and _number(value.slice) == 0 else value
    name = self_attribute(call.func) if isinstance(call, ast.Call) else ""
    return call if name in layers and (name in alone) == whole and isinstance(call, ast.Call) else None


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
