"""The calls in the methods of a class, and the conditions around them."""

from __future__ import annotations

import ast

import pytest
from class_text import classes_of

from looplint.module_classes.calls import calls_in, keeps, run_by
from looplint.module_classes.class_syntax import methods_of


def method(body: str) -> ast.FunctionDef:
    (node,) = ast.parse(f"def f(self, x):\n    {body}").body
    assert isinstance(node, ast.FunctionDef)
    return node


def around(body: str) -> dict[str, list[str]]:
    """By call, the conditions and contexts around it."""
    found = calls_in(method(body))
    return {ast.unparse(call.node): [ast.unparse(one) for one in call.around] for call in found}


def test_calls_come_with_what_is_around_them() -> None:
    assert around("if x:\n        a()\n    else:\n        b()\n    c()") == {"a()": ["x"], "b()": ["x"], "c()": []}
    assert around("with ctx:\n        a()") == {"a()": ["ctx"]}
    assert around("y = a() if x else b()") == {"a()": ["x"], "b()": ["x"]}


def test_behind_an_early_return_its_condition_is_around_the_rest() -> None:
    assert around("if x:\n        return\n    a()") == {"a()": ["x"]}


def test_a_call_is_bound_to_a_name_or_an_attribute() -> None:
    bound = {call.bound for call in calls_in(method("y = a()\n    self.z = b()\n    c()\n    self.all[0] = d()"))}
    assert bound == {"y", "self.z", "", "self.[]"}


def test_methods_that_forward_runs() -> None:
    _, named = classes_of(
        "class A:\n    def forward(self):\n        self.b()\n        if x:\n            self.c()\n"
        "    def b(self): self.d()\n    def c(self): pass\n    def d(self): pass\n    def e(self): pass\n"
    )
    reached = run_by(methods_of(named["A"]), ["forward"])
    assert {name: len(conditions) for name, conditions in reached.items()} == {"forward": 0, "b": 0, "c": 1, "d": 0}


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("self.add_module('a', b)", True),
        ("self.layers.append(b)", True),
        ("setattr(self, 'a', b)", True),
        ("layers.append(b)", False),
        ("print(b)", False),
    ],
)
def test_calls_that_store_their_arguments(code: str, kept: bool) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call) and keeps(call) is kept
