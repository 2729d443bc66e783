"""Decorators and function bodies, examined without evaluation."""

from __future__ import annotations

import ast

import pytest

from looplint.interpreter.decorators import decorator_name, is_abstract, is_left_out


def function(code: str) -> ast.FunctionDef:
    (node,) = ast.parse(code).body
    assert isinstance(node, ast.FunctionDef)
    return node


def test_a_decorator_is_named_without_its_arguments() -> None:
    code = "@a.b(1)\n@c\ndef f(): pass"
    assert [decorator_name(one) for one in function(code).decorator_list] == ["a.b", "c"]


@pytest.mark.parametrize(
    ("code", "abstract"),
    [
        ("@abc.abstractmethod\ndef f(): pass", True),
        ("def f():\n    raise NotImplementedError", True),
        ("def f():\n    'text'\n    raise NotImplementedError('f')", True),
        ("def f():\n    g()\n    raise NotImplementedError", False),
        ("def f():\n    raise ValueError", False),
        ("def f(): pass", False),
    ],
)
def test_methods_that_must_be_overridden(code: str, abstract: bool) -> None:
    assert is_abstract(function(code)) is abstract


@pytest.mark.parametrize(
    ("code", "left_out"),
    [("def f(): ...", True), ("def f():\n    'text'\n    ...", True), ("def f(): pass", False)],
)
def test_bodies_that_are_left_out(code: str, left_out: bool) -> None:
    assert is_left_out(function(code)) is left_out
