"""Averages of weights that a program computes itself: `average.mul_(0.99).add_(weight, alpha=0.01)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.interpreter.values import objects_in
from looplint.knowledge.torch_tensors import ADDS_IN_PLACE, SAME_VALUES
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


class OwnAverages(LibraryPart):
    """Notes where weights enter a moving average."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._shrunk: tuple[str, ast.expr] | None = None

    def added(self, node: ast.expr | ast.AugAssign) -> None:
        """A sum, a call of a method that changes a tensor in place, or an assignment that does so."""
        if isinstance(node, ast.AugAssign):
            parts = self._parts_of_two(node)
        else:
            parts = _parts_of_sum(node) if isinstance(node, ast.BinOp) else _parts_of_call(node)
        if parts is None:
            return
        found = [self._weights(part) for part in parts]
        if all(found):
            objects = [one for some in found for one in some]
            self.reader.emit(Kind.TRACK, objects[:1], node, inputs=objects, how="average", written=as_text(parts[0]))

    def _parts_of_two(self, node: ast.AugAssign) -> tuple[ast.expr, ast.expr] | None:
        """`a` and `b` of `a *= d` and `a += (1 - d) * b`."""
        average = as_text(node.target)
        if isinstance(node.op, ast.Mult):
            self._shrunk = average, node.value
        elif isinstance(node.op, ast.Add) and self._shrunk is not None and self._shrunk[0] == average:
            for share, weights in _factors(node.value):
                if _are_complements(self._shrunk[1], share):
                    return node.target, weights
        return None

    def _weights(self, part: ast.expr) -> list[AbstractObject]:
        """The weights that an expression stands for, or an entry of an average of them."""
        while isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in SAME_VALUES:
            part = part.func.value
        with self.reader.flow.silently():
            found = list(objects_in(self.reader.evaluate(part)))
        return found if found and all(map(_may_be_weights, found)) else []


def _may_be_weights(thing: AbstractObject) -> bool:
    """Whether it may be a parameter, or a number or copy made of one: no gradient, nothing with a graph."""
    made_of = list(thing.ancestry())
    plain = thing.type is not Type.NUMBER and not any(Fact.GRADIENT in one.facts for one in made_of)
    computed = thing.type is not Type.PARAMETERS and thing.graph is Graph.YES
    return plain and not computed and any(one.type is Type.PARAMETERS or Fact.STATE in one.facts for one in made_of)


def _parts_of_sum(node: ast.BinOp) -> tuple[ast.expr, ast.expr] | None:
    """`a` and `b` of `d * a + (1 - d) * b`."""
    if not isinstance(node.op, ast.Add):
        return None
    for share, one in _factors(node.left):
        for other_share, other in _factors(node.right):
            if _are_complements(share, other_share):
                return one, other
    return None


def _parts_of_call(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """`a` and `b` of `a.mul_(d).add_(b, alpha=1 - d)`, and of `a.lerp_(b, 1 - d)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=average, attr="lerp_"), args=[weights, *_]):
            return average, weights
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Attribute(value=average, attr="mul_"), args=[share]), attr=attribute
            ),
            args=[added],
            keywords=keywords,
        ) if attribute in ADDS_IN_PLACE:
            shares = [(keyword.value, added) for keyword in keywords if keyword.arg == "alpha"] or [*_factors(added)]
            for other_share, weights in shares:
                if _are_complements(share, other_share):
                    return average, weights
    return None


def _factors(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield node.left, node.right
        yield node.right, node.left


def _are_complements(one: ast.expr, other: ast.expr) -> bool:
    """`d` and `1 - d`; two numbers whose sum is 1."""
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        numbers = [part.value for part in (one, other) if isinstance(part.value, float)]
        return len(numbers) == 2 and abs(sum(numbers) - 1) < 1e-9
    return _is_rest(one, other) or _is_rest(other, one)


def _is_rest(whole: ast.expr, share: ast.expr) -> bool:
    match whole:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=right):
            return as_text(right) == as_text(share)
    return False
