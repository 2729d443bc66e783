"""Conditions: correlated ones take the same branch."""

from __future__ import annotations

import ast

from hand_made import reading

from looplint.interpreter.conditions import asks_for_graph, is_periodic
from looplint.interpreter.reader import Reader


def guards(reader: Reader, test: str) -> tuple[object, object]:
    return reader.conditions.guards(ast.parse(test, mode="eval").body)


def test_two_tests_of_the_same_thing_have_the_same_guard_until_it_is_bound_anew() -> None:
    reader = reading("flag = given")
    first = guards(reader, "flag")
    assert guards(reader, "flag") == first
    assert guards(reader, "not flag") == first[::-1]
    reader.run(ast.parse("use(flag)\nflag = other").body)
    assert reader.bindings.stamp((id(reader.now.frame), "flag")) >= 0


def test_a_test_that_calls_something_has_no_guard() -> None:
    assert guards(reading("pass"), "ready()") == (None, None)


def test_conditions_that_hold_now_and_then() -> None:
    def expression(text: str) -> ast.expr:
        return ast.parse(text, mode="eval").body

    assert is_periodic(expression("(step + 1) % every == 0"))
    assert not is_periodic(expression("step % 1 == 0"))
    assert asks_for_graph(expression("loss.requires_grad"))
    assert not asks_for_graph(expression("loss.item() > 3"))
