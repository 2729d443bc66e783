"""Shapes from shapes: of numbers that are written out, of sizes, of slices and products, of the same values rearranged.

None where a shape is not certain.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from looplint.events import AbstractObject, Fact, Shape, Type
from looplint.interpreter.values import Collection, Const, Value, objects_in
from looplint.knowledge.shapes import RESHAPES

SCALAR = Shape(0)


def constant(value: Value) -> object:
    """The constant that a value is; None of any other value."""
    return value.value if isinstance(value, Const) else None


def batched(shape: Shape | None) -> Shape | None:
    """Numbers become a tensor with one dimension."""
    return None if shape is None else Shape(shape.rank + 1, shape.last, shape.open)


def is_counter(value: Value) -> bool:
    """Whether a value counts the passes of a loop, or the samples of a dataset."""
    return isinstance(value, AbstractObject) and Fact.COUNTER in value.facts


def literal(value: Value) -> Shape | None:
    """The shape of numbers that are written out in lists."""
    if isinstance(value, Const):
        return SCALAR if isinstance(value.value, int | float) else None
    if not isinstance(value, Collection) or value.more or value.mapping or not value.items:
        return None
    inner = {literal(one) for one in value.elements()}
    first = inner.pop()
    if inner or first is None:
        return None
    return Shape(first.rank + 1, len(value.items) if first.rank == 0 else first.last)


def of_sizes(sizes: Sequence[Value]) -> Shape | None:
    """The shape that sizes say, each a number."""
    if not all(isinstance(one, Const) or any(t.type is Type.NUMBER for t in objects_in(one)) for one in sizes[:1]):
        if len(sizes) < 2:
            return None
    if any(isinstance(one, Collection) for one in sizes):
        return None
    last = sizes[-1] if sizes else None
    known = last.value if isinstance(last, Const) and isinstance(last.value, int) and last.value >= 0 else None
    return Shape(len(sizes), known)


def of_slice(part: ast.Slice, size: int | None) -> int | None:
    """How long a slice is: `[:1]`, `[-1:]` and `[2:3]` are 1, `[:]` is all."""
    low, high = _number(part.lower), _number(part.upper)
    if part.lower is None and part.upper is None and part.step is None:
        return size
    if part.step is not None:
        return None
    if (part.lower is None and high == 1) or (part.upper is None and low == -1):
        return 1
    return 1 if low is not None and high is not None and high - low == 1 and low * high >= 0 else None


def _number(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return -inner if inner is not None else None
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def of_samples(one: Shape, other: Shape) -> Shape | None:
    """What an operator gives of something of each sample, whose number of dimensions is not known, and of a number or
    one number of each sample: with more dimensions each sample would meet each."""
    opened, known = (one, other) if one.open else (other, one)
    if known.open:
        return None
    if known.rank == 0:
        return opened
    return known if known.samples and opened.rank == 1 and opened.last is None else None


def product(one: Shape, other: Shape | None) -> Shape | None:
    """A matrix product."""
    if other is None or not one.rank or not other.rank:
        return None
    if other.rank == 1:
        return Shape(one.rank - 1)
    return Shape(max(other.rank - 1, 1) if one.rank == 1 else max(one.rank, other.rank), other.last)


def _squeezed(before: Shape, dims: Sequence[Value]) -> Shape | None:
    """Without its last dimension of size 1; where no dimension is given, of a column."""
    at = dims[0].value if dims and isinstance(dims[0], Const) else None
    if before.last == 1 and (at in (-1, before.rank - 1) or (not dims and before.rank == 2)):
        return Shape(before.rank - 1)
    return before if not dims and before.rank == 1 and before.last != 1 else None


def _unsqueezed(before: Shape, dims: Sequence[Value]) -> Shape | None:
    at = dims[0].value if dims and isinstance(dims[0], Const) else None
    if not isinstance(at, int):
        return None
    return Shape(before.rank + 1, 1 if at in (-1, before.rank) else before.last)


def _reshaped(before: Shape, dims: Sequence[Value]) -> Shape | None:
    if len(dims) == 1 and isinstance(dims[0], Collection):
        return of_sizes(dims[0].elements()) if not dims[0].more else None
    if len(dims) == 1:
        return Shape(1) if isinstance(dims[0], Const) and isinstance(dims[0].value, int) else None
    return of_sizes(dims) if dims else None


def _flat(before: Shape, dims: Sequence[Value]) -> Shape | None:
    if not dims:
        return Shape(1)
    return Shape(2) if len(dims) == 1 and dims[0] in (Const(1), Const(1, argument=True)) else None


CHANGES: dict[str, Callable[[Shape, Sequence[Value]], Shape | None]] = {
    "squeeze": _squeezed,
    "unsqueeze": _unsqueezed,
    "expand_dims": _unsqueezed,
    "flatten": _flat,
    "ravel": _flat,
    **dict.fromkeys(RESHAPES, _reshaped),
}
"""Functions that give the same values in another shape: of the shape before, and the arguments."""
