"""Layers in plain lists, tuples and dicts."""

from __future__ import annotations

import pytest
from class_text import module


@pytest.mark.parametrize(
    ("init", "kind", "wrapped"),
    [
        (("self.a = [nn.Linear(1, 1), nn.Linear(1, 1)]",), "list", "nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])"),
        (
            ("self.a = (nn.Linear(1, 1), nn.Linear(2, 2))",),
            "tuple",
            "nn.ModuleList((nn.Linear(1, 1), nn.Linear(2, 2)))",
        ),
        (('self.a = {"x": nn.Linear(1, 1)}',), "dict", 'nn.ModuleDict({"x": nn.Linear(1, 1)})'),
        (("self.a = []", "self.a.append(nn.Linear(1, 1))"), "list", "nn.ModuleList()"),
    ],
)
def test_a_plain_collection_of_layers(init: tuple[str, ...], kind: str, wrapped: str | None) -> None:
    (found,) = module("x = self.a[0](x)", init=init).collections
    assert (found.attribute, found.kind, found.registered) == ("a", kind, False)
    assert found.wrapped == wrapped


@pytest.mark.parametrize(
    "init",
    [
        ("self.a = nn.ModuleList([nn.Linear(1, 1)])",),
        ("self.a = [nn.ReLU()]",),
        ("self.a = [1, 2]",),
        ("self.b = nn.Linear(1, 1)", "self.a = [self.b]"),
    ],
    ids=["registered", "without parameters", "numbers", "an attribute"],
)
def test_what_is_none(init: tuple[str, ...]) -> None:
    assert module("x = self.a[0](x)", init=init).collections == ()


@pytest.mark.parametrize("line", ["self.all = nn.ModuleList(self.a)", "self.add_module('x', self.a[0])", "own(self.a)"])
def test_what_is_registered_otherwise(line: str) -> None:
    (found,) = module(init=("self.a = [nn.Linear(1, 1)]", line)).collections
    assert found.registered
