"""Operators and comparisons."""

from __future__ import annotations

import pytest
from hand_made import object_of, reading, value

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.interpreter.values import Const

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES, facts=frozenset((Fact.GRADED,)))


@pytest.mark.parametrize(
    ("test", "result"), [("a == 3", True), ("a != 3", False), ("a is None", False), ("a == 3 and a is not None", True)]
)
def test_comparisons_of_an_argument_are_decided(test: str, result: bool) -> None:
    assert value(reading(f"def f(a):\n    return {test}\nx = f(3)"), "x") == Const(result, argument=True)


def test_other_comparisons_are_left_open() -> None:
    assert not isinstance(value(reading("n = 3\nx = n == 3"), "x"), Const)


def test_a_sum_holds_the_graph_of_a_summand() -> None:
    total = object_of(reading("x = loss + other", loss=LOSS), "x")
    assert (total.graph, total.type) == (Graph.YES, Type.TENSOR)
    assert {Fact.GRADED, Fact.TERMS} <= total.facts


def test_a_sum_with_the_number_of_a_loss_is_noted() -> None:
    number = AbstractObject(Type.NUMBER, "n", graph=Graph.NO, facts=frozenset((Fact.LOSS_VALUE,)))
    assert Fact.NUMBER_ADDED in object_of(reading("x = loss + n", loss=LOSS, n=number), "x").facts
    assert Fact.NUMBER_ADDED not in object_of(reading("x = loss + 3", loss=LOSS), "x").facts


def test_a_number_of_batches_that_is_divided_counts_updates() -> None:
    number = AbstractObject(Type.NUMBER, "n", graph=Graph.NO, facts=frozenset((Fact.COUNTS_BATCHES,)))
    assert Fact.COUNTS_UPDATES in object_of(reading("x = n // 4", n=number), "x").facts
    assert Fact.COUNTS_UPDATES not in object_of(reading("x = n * 4", n=number), "x").facts


def test_a_tiny_number_behind_what_is_steep_comes_too_late() -> None:
    root = AbstractObject(Type.TENSOR, "root", graph=Graph.YES, facts=frozenset((Fact.STEEP,)))
    assert [event.written for event in reading("x = root + 1e-8", root=root).graph.all(Kind.OFFSET)] == ["1e-08"]
    assert reading("x = root + 1", root=root).graph.all(Kind.OFFSET) == []
