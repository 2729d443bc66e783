"""Queries on the syntax of a class and its methods."""

from __future__ import annotations

import ast

import pytest

from looplint.module_classes import class_syntax


def expression(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def function(code: str) -> ast.FunctionDef:
    (node,) = ast.parse(code).body
    assert isinstance(node, ast.FunctionDef)
    return node


def test_a_tuple_of_targets_is_several_assignments() -> None:
    found = class_syntax.assignments(function("def f():\n    a, (b, c) = x, (y, z)\n    d: int = w"))
    assert [(ast.unparse(target), ast.unparse(value)) for target, value in found] == [
        ("a", "x"),
        ("b", "y"),
        ("c", "z"),
        ("d", "w"),
    ]


@pytest.mark.parametrize(
    ("code", "attribute", "name"),
    [("self.x", "x", "self.x"), ("x", "", "x"), ("other.x", "", ""), ("self.x.y", "", "")],
)
def test_attributes_of_self_and_names(code: str, attribute: str, name: str) -> None:
    assert (class_syntax.self_attribute(expression(code)), class_syntax.named(expression(code))) == (attribute, name)


def test_names_and_mentions() -> None:
    assert class_syntax.names(expression("a.b(c)")) == {"a", "b", "c"}
    assert class_syntax.mentions(expression("f('training')"), "training")
    assert not class_syntax.mentions(expression("f('train')"), "training")


def test_moves_are_taken_off() -> None:
    assert ast.unparse(class_syntax.unmoved(expression("layer(3).to(device).cuda()"))) == "layer(3)"
    assert not class_syntax.is_move(expression("layer(3)"))


def test_an_argument_that_callers_of_forward_set() -> None:
    call = expression("F.dropout(x, p)")
    assert isinstance(call, ast.Call)
    assert class_syntax.set_by_callers(function("def forward(self, x, p): ..."), call, "p", 1)
    assert not class_syntax.set_by_callers(function("def other(self, x, p): ..."), call, "p", 1)
    assert not class_syntax.set_by_callers(function("def forward(self, x): ..."), call, "p", 1)


def test_options_are_literals() -> None:
    call = expression("f(1, p=0.1, q=r)")
    assert isinstance(call, ast.Call) and class_syntax.options(call) == {"p": 0.1}
