"""Attribute access."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of, reading, value

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.interpreter.values import Const, Either, Symbol


def test_an_unknown_attribute_is_a_part_and_always_the_same() -> None:
    reader = reading("x = thing.part\ny = thing.part")
    part = object_of(reader, "x")
    assert part is object_of(reader, "y")
    assert (part.name, part.owner) == ("thing.part", object_of(reader, "thing"))


def test_the_gradient_of_a_value_is_read() -> None:
    weight = AbstractObject(Type.PARAMETERS, "weight", certain=True)
    reader = reading("g = weight.grad", weight=weight)
    assert happened(reader, Kind.READ) == [(Kind.READ, "weight")]
    assert Fact.GRADIENT in object_of(reader, "g").facts


def test_the_data_of_a_tensor_is_cut_off_from_its_graph() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    data = object_of(reading("x = loss.data", loss=loss), "x")
    assert data.graph is Graph.NO and {Fact.CUT_OFF, Fact.DETACHED} <= data.facts


def test_the_attribute_of_either_is_either_attribute() -> None:
    code = "class A:\n    n = 1\nclass B:\n    n = 2\nthing = A() if unknown() else B()\nx = thing.n"
    assert value(reading(code), "x") == Either((Const(1), Const(2)))


def test_an_attribute_of_unknown_code_has_a_longer_name() -> None:
    assert value(reading("import torch\nx = torch.nn.Linear"), "x") == Symbol("torch.nn.Linear")


@pytest.mark.parametrize("name", ["weight", "bias"])
def test_the_weight_of_a_module_is_a_parameter(name: str) -> None:
    layer = AbstractObject(Type.MODULE, "layer", certain=True)
    found = object_of(reading(f"x = layer.{name}", layer=layer), "x")
    assert (found.type, found.operands) == (Type.PARAMETERS, (layer,))
