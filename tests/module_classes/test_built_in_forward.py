"""Layers with parameters that are constructed in each forward pass."""

from __future__ import annotations

import pytest
from class_text import module


def test_a_layer_that_forward_makes() -> None:
    (layer,) = module("x = nn.Linear(3, 3)(x)").built_in_forward
    assert (layer.constructor, layer.method, layer.place.text) == ("torch.nn.Linear", "forward", "nn.Linear(3, 3)")
    assert layer.recording and not layer.conditional and not layer.own_weights


@pytest.mark.parametrize("line", ["x = nn.ReLU()(x)", "x = F.relu(x)", "x = self.layer(x)"])
def test_what_has_no_parameters_or_is_not_made_there(line: str) -> None:
    assert module(line, init=("self.layer = nn.Linear(3, 3)",)).built_in_forward == ()


def test_a_layer_that_is_made_once_and_kept() -> None:
    (layer,) = module("if self.layer is None:", "    self.layer = nn.Linear(3, 3)").built_in_forward
    assert layer.conditional


def test_a_layer_whose_weights_are_set() -> None:
    (layer,) = module("made = nn.Linear(3, 3)", "made.weight.data = w", "x = made(x)").built_in_forward
    assert layer.own_weights


def test_a_layer_made_where_autograd_records_nothing() -> None:
    (layer,) = module("with torch.no_grad():", "    x = nn.Linear(3, 3)(x)").built_in_forward
    assert not layer.recording
