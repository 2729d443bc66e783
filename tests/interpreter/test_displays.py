"""Displays, subscripts and what a loop over a value binds."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import AbstractObject, Type
from looplint.interpreter.values import Collection, Const, Either


def test_items_are_kept_by_index_and_key() -> None:
    reader = reading('row = [1, 2, 3]\ntable = {"a": 1, **{"b": 2}}')
    assert [value(reader, f"row[{i}]") for i in (0, 2, -1)] == [Const(1), Const(3), Const(3)]
    assert value(reader, 'table["b"]') == Const(2)


def test_any_element_stands_for_an_index_that_is_unknown() -> None:
    assert value(reading("row = [1, 2]"), "row[unknown]") == Either((Const(1), Const(2)))


def test_a_starred_element_is_one_of_many() -> None:
    found = value(reading("row = [1, *rest]"), "row")
    assert isinstance(found, Collection)
    assert (found.items, len(found.more)) == ({}, 2)


def test_a_comprehension_holds_what_it_computes() -> None:
    assert value(reading("row = [x for x in (1, 2)]"), "row[0]") == Either((Const(1), Const(2)))


def test_what_a_loop_binds_is_always_the_same_element_of_what_it_goes_over() -> None:
    loader = AbstractObject(Type.LOADER, "loader", certain=True)
    reader = reading("for batch in loader:\n    first = batch\nfor other in loader:\n    pass", loader=loader)
    found = value(reader, "first")
    assert isinstance(found, AbstractObject)
    assert found.operands == (loader,)
    assert value(reader, "other") is found
