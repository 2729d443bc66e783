"""Shapes that follow from numbers, sizes, slices and other shapes."""

from __future__ import annotations

import ast

import pytest

from looplint.events import Shape
from looplint.interpreter.values import Const, Value
from looplint.library.shape_rules import CHANGES, of_sizes, of_slice, product


@pytest.mark.parametrize(
    ("one", "other", "shape"),
    [
        (Shape(2), Shape(2, 5), Shape(2, 5)),
        (Shape(2), Shape(1), Shape(1)),
        (Shape(1), Shape(2, 5), Shape(1, 5)),
        (Shape(0), Shape(2), None),
        (Shape(2), None, None),
    ],
)
def test_a_matrix_product(one: Shape, other: Shape | None, shape: Shape | None) -> None:
    assert product(one, other) == shape


@pytest.mark.parametrize(
    ("written", "size"), [("x[:]", 7), ("x[:1]", 1), ("x[-1:]", 1), ("x[2:3]", 1), ("x[2:5]", None), ("x[::2]", None)]
)
def test_how_long_a_slice_of_seven_is(written: str, size: int | None) -> None:
    node = ast.parse(written, mode="eval").body
    assert isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    assert of_slice(node.slice, 7) == size


@pytest.mark.parametrize(
    ("sizes", "shape"), [([8, 3], Shape(2, 3)), ([8, -1], Shape(2)), ([8], Shape(1, 8))], ids=["all", "rest", "one"]
)
def test_the_shape_that_sizes_say(sizes: list[int], shape: Shape) -> None:
    assert of_sizes([Const(size) for size in sizes]) == shape


@pytest.mark.parametrize(
    ("name", "before", "given", "shape"),
    [
        ("squeeze", Shape(2, 1), [Const(1)], Shape(1)),
        ("squeeze", Shape(2, 3), [], None),
        ("unsqueeze", Shape(1), [Const(1)], Shape(2, 1)),
        ("unsqueeze", Shape(1), [Const(0)], Shape(2)),
        ("flatten", Shape(3), [], Shape(1)),
        ("reshape", Shape(2, 3), [Const(4), Const(6)], Shape(2, 6)),
    ],
)
def test_the_same_values_in_another_shape(name: str, before: Shape, given: list[Value], shape: Shape | None) -> None:
    assert CHANGES[name](before, given) == shape
