"""Instances of the program's own classes."""

from __future__ import annotations

import pytest
from hand_made import object_of, reading, value

from looplint.interpreter.values import Const, Instance

CLASS = """\
class A:
    shared = 1
    def __init__(self, n):
        self.n = n
    @property
    def double(self):
        return [self.n, self.n]
    @staticmethod
    def plain(x):
        return x
    def later(self):
        self.set_later = 3
a, b = A(4), A(5)
"""


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("a.n", Const(4, argument=True)),
        ("b.n", Const(5, argument=True)),
        ("a.shared", Const(1)),
        ("a.double[1]", Const(4, argument=True)),
        ("a.plain(6)", Const(6, argument=True)),
        ("a.set_later", Const(3)),
    ],
)
def test_attributes(expression: str, result: Const) -> None:
    assert value(reading(CLASS + f"x = {expression}"), "x") == result


def test_each_call_makes_another_object() -> None:
    reader = reading(CLASS)
    a, b = object_of(reader, "a"), object_of(reader, "b")
    assert isinstance(a, Instance) and a is not b and a.cls == getattr(b, "cls", None)


def test_a_dataclass_is_filled_by_its_fields() -> None:
    reader = reading("@dataclass\nclass P:\n    x: int\n    y: int\np = P(1, y=2)")
    assert (value(reader, "p.x"), value(reader, "p.y")) == (Const(1, argument=True), Const(2, argument=True))
