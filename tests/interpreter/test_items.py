"""Subscripts, and the elements of an iterable."""

from __future__ import annotations

import pytest
from hand_made import object_of, reading, value

from looplint.events import AbstractObject, Fact, Graph, Type
from looplint.interpreter.values import Const, Either


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("[1, 2, 3][1]", Const(2)),
        ("[1, 2, 3][-1]", Const(3)),
        ('{"a": 1, "b": 2}["b"]', Const(2)),
        ("[1, 2][unknown]", Either((Const(1), Const(2)))),
        ("[1, 2][0:1][0]", Const(1)),
    ],
)
def test_items_of_collections(expression: str, result: object) -> None:
    assert value(reading(f"x = {expression}"), "x") == result


def test_going_through_a_dict_gives_its_keys() -> None:
    assert value(reading('for x in {"a": 1}:\n    y = x'), "y") == Const("a")


def test_an_item_of_a_tensor_holds_its_graph() -> None:
    output = AbstractObject(Type.TENSOR, "output", certain=True, graph=Graph.YES)
    item = object_of(reading("x = output[0]", output=output), "x")
    assert item.graph is Graph.YES and item.comes_from(output)


def test_the_second_of_values_and_indices_has_no_graph() -> None:
    pair = AbstractObject(Type.TENSOR, "pair", "torch.max", graph=Graph.YES)
    reader = reading("values, indices = pair[0], pair[1]", pair=pair)
    assert (object_of(reader, "values").graph, object_of(reader, "indices").graph) == (Graph.YES, Graph.NO)


def test_the_same_key_of_an_unknown_output_is_the_same_value() -> None:
    output = AbstractObject(Type.TENSOR, "output", graph=Graph.YES, facts=frozenset((Fact.OUTPUT,)))
    reader = reading('x = output["loss"]\ny = output["loss"]', output=output)
    assert object_of(reader, "x") is object_of(reader, "y")
    assert (object_of(reader, "x").graph, Fact.PART_OF_OUTPUT in object_of(reader, "x").facts) == (Graph.UNKNOWN, True)


def test_an_element_of_networks_is_a_network_and_a_number_counts() -> None:
    nets = AbstractObject(Type.MODULE, "nets", certain=True)
    n = AbstractObject(Type.NUMBER, "n")
    reader = reading("for net in nets:\n    a = net\nfor i in n:\n    b = i", nets=nets, n=n)
    assert object_of(reader, "a").type is Type.MODULE
    assert Fact.COUNTER in object_of(reader, "b").facts


def test_a_loop_that_takes_out_rows_is_noted() -> None:
    n = AbstractObject(Type.NUMBER, "n")
    reading("for i in n:\n    x = rows[i : i + 32]", n=n)
    assert Fact.DATA_IN_PARTS in n.facts
