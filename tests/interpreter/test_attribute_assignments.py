"""Assignments to attributes."""

from __future__ import annotations

from hand_made import happened, reading, value

from looplint.events import AbstractObject, Fact, Kind, Type
from looplint.interpreter.values import Const


def test_an_attribute_is_kept_by_the_object_whatever_it_is_called() -> None:
    thing = AbstractObject(Type.MODULE, "thing", certain=True)
    reader = reading("other = thing\nother.rate = 0.5", thing=thing)
    assert value(reader, "thing.rate") == Const(0.5)
    assert happened(reader, Kind.ASSIGN) == [(Kind.ASSIGN, "thing")]


def test_a_gradient_that_is_set_to_none_is_cleared() -> None:
    weight = AbstractObject(Type.PARAMETERS, "weight", certain=True)
    reader = reading("weight.grad = None\ndel weight.grad", weight=weight)
    assert happened(reader, Kind.CLEAR) == [(Kind.CLEAR, "weight"), (Kind.CLEAR, "weight")]


def test_a_tensor_that_shall_require_gradients_is_a_leaf() -> None:
    noise = AbstractObject(Type.TENSOR, "noise", certain=True)
    reader = reading("noise.requires_grad = True", noise=noise)
    assert Fact.LEAF in noise.facts and happened(reader, Kind.LEAF) == [(Kind.LEAF, "noise")]
