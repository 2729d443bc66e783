"""Methods of lists, dicts and sets."""

from __future__ import annotations

from hand_made import happened, value
from with_library import reading

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.values import Const, alternatives

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)


def test_what_is_added_is_an_element() -> None:
    reader = reading("row = []\nrow.append(1)\nrow.extend([2])")
    assert set(alternatives(value(reader, "row[0]"))) == {Const(1, argument=True), Const(2)}


def test_what_holds_a_graph_is_kept() -> None:
    reader = reading("seen = []\nfor x in loader:\n    seen.append(loss)", loss=LOSS)
    assert happened(reader, Kind.KEEP) == [(Kind.KEEP, "seen")]


def test_a_dict_that_is_updated_under_constant_keys_keeps_the_last_alone() -> None:
    reader = reading('seen = {}\nfor x in loader:\n    seen.update({"loss": loss})', loss=LOSS)
    assert happened(reader, Kind.KEEP) == []
    assert value(reader, 'seen["loss"]') is LOSS


def test_entries_are_found_by_get_and_pop() -> None:
    reader = reading('table = {"a": 1, "b": 2}\nx = table.get("a")\ny = table.pop("b")')
    assert (value(reader, "x"), value(reader, "y")) == (Const(1), Const(2))


def test_the_values_of_a_dict_and_its_items_are_its_elements() -> None:
    reader = reading('table = {"a": 5}\nfor v in table.values():\n    x = v\nfor k, w in table.items():\n    y = w')
    assert Const(5) in alternatives(value(reader, "x")) and Const(5) in alternatives(value(reader, "y"))


def test_a_list_that_is_cleared_is_empty() -> None:
    assert happened(reading("seen = [1]\nseen.clear()"), Kind.EMPTY) == [(Kind.EMPTY, "seen")]
