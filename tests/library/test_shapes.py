"""What is certain of the shapes of tensors and arrays."""

from __future__ import annotations

import ast

import pytest
from hand_made import object_of, value
from with_library import reading

from looplint.events import Shape


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("torch.zeros(8, 1)", Shape(2, 1)),
        ("torch.zeros(8, 1).squeeze(1)", Shape(1)),
        ("torch.zeros(8).unsqueeze(1)", Shape(2, 1)),
        ("torch.zeros(8, 3).view(-1)", Shape(1)),
        ("torch.zeros(8, 3).sum(dim=1)", Shape(1)),
        ("torch.zeros(8, 3).sum(dim=1, keepdim=True)", Shape(2, 1)),
        ("torch.zeros(8, 3).mean()", Shape(0)),
        ("nn.Linear(3, 1)(torch.zeros(8, 3))", Shape(2, 1)),
        ("torch.stack([torch.zeros(3), torch.zeros(3)])", Shape(2)),
        ("torch.zeros(8, 3) @ torch.zeros(3, 5)", Shape(2, 5)),
        ("torch.zeros(8, 3)[:, 0]", Shape(1)),
        ("torch.zeros(8, 3).reshape(n)", None),
        ("given(8, 3)", None),
    ],
)
def test_the_shape_of_an_expression(expression: str, shape: Shape | None) -> None:
    found = object_of(reading(f"x = {expression}"), "x").shape
    assert (found and (found.rank, found.last)) == (shape and (shape.rank, shape.last))


def test_what_is_changed_in_place_has_no_certain_shape() -> None:
    assert object_of(reading("x = torch.zeros(8, 1)\nx.squeeze_()"), "x").shape is None


def test_an_operator_broadcasts() -> None:
    library = reading("pass").library
    reader = reading("a, b = torch.zeros(8, 1), torch.zeros(8, 5)")
    shape = reader.library.shape_of_operator(ast.Add(), value(reader, "a"), value(reader, "b"))
    assert shape is not None and (shape.rank, shape.last) == (2, 5)
    assert library.shape_of(None) is None
