"""Arguments of calls."""

from __future__ import annotations

import ast

from hand_made import reading, value

from looplint.events import AbstractObject
from looplint.interpreter.arguments import Arguments, arguments_written
from looplint.interpreter.values import Const, Function


def test_an_argument_is_found_by_position_and_else_by_name() -> None:
    given = Arguments([Const(1)], {"b": Const(2)})
    assert (given.get(0, "a"), given.get(1, "b"), given.get(1), given.get(2, "c")) == (Const(1), Const(2), None, None)
    assert given.values == [Const(1), Const(2)]


def test_options_are_the_literals_and_that_there_are_others() -> None:
    thing = AbstractObject(name="thing")
    given = Arguments([Const(3), thing], {"lr": Const(0.1), "model": thing})
    assert given.options == {"0": 3, "lr": 0.1, "model": ...}


def test_the_expressions_of_a_call_by_parameter() -> None:
    function = value(reading("def f(a, b, *, c):\n    pass"), "f")
    assert isinstance(function, Function)

    def written(code: str) -> dict[str, str]:
        call = ast.parse(code, mode="eval").body
        assert isinstance(call, ast.Call)
        return {name: ast.unparse(expression) for name, expression in arguments_written(function, call)}

    assert written("f(x + 1, y, c=z)") == {"a": "x + 1", "b": "y", "c": "z"}
    assert written("f(*rest, c=z)") == {}
