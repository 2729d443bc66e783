"""Assignments: what names, attributes and entries are bound to."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import AbstractObject, Graph, Type
from looplint.interpreter.values import Const, objects_in


def test_a_tuple_is_taken_apart() -> None:
    reader = reading("a, (b, c) = 1, (2, 3)")
    assert [value(reader, name) for name in "abc"] == [Const(1), Const(2), Const(3)]


def test_a_starred_target_takes_any_of_the_elements() -> None:
    reader = reading("first, *rest = [1, 1, 1]")
    assert value(reader, "rest") == Const(1)


def test_a_chain_of_targets_binds_all() -> None:
    reader = reading("a = b = 4")
    assert value(reader, "a") == value(reader, "b") == Const(4)


def test_each_of_several_sums_in_one_statement_is_one_object_however_often_it_is_evaluated() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    code = "a, b = 0, 0\nfor x in data:\n    before = a\n    a, b = a + loss, b + loss"
    reader = reading(code, loss=loss)
    first, second = ([one for one in objects_in(value(reader, name)) if one.comes_from(loss)] for name in ("a", "b"))
    assert len(first) == len(second) == 1 and first != second
    assert [one for one in objects_in(value(reader, "before")) if one.comes_from(loss)] == first
