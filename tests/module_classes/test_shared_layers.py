"""One layer in several places of a list."""

from __future__ import annotations

import pytest
from class_text import module, reader_of


@pytest.mark.parametrize(
    "value",
    [
        "nn.ModuleList([nn.Linear(8, 8)] * 4)",
        "nn.ModuleList([layer for _ in range(4)])",
        "nn.Sequential(*[nn.Linear(8, 8)] * 4)",
    ],
)
def test_one_layer_several_times(value: str) -> None:
    found = module(init=("layer = nn.Linear(8, 8)", f"self.all = {value}")).shared_layers
    assert [one.layer for one in found] == ["layer" if "layer for" in value else "nn.Linear(8, 8)"]


@pytest.mark.parametrize(
    "value",
    ["nn.ModuleList([nn.Linear(8, 8) for _ in range(4)])", "nn.ModuleList([nn.ReLU()] * 4)", "[8] * 4"],
)
def test_several_layers_or_none_with_parameters(value: str) -> None:
    assert module(init=(f"self.all = {value}",)).shared_layers == ()


def test_a_comment_says_that_weights_are_shared() -> None:
    (found,) = module(init=("self.all = nn.ModuleList([nn.Linear(8, 8)] * 4)  # shared weights",)).shared_layers
    assert found.on_purpose


def test_a_function_that_builds_a_network() -> None:
    found = list(reader_of("def build():\n    return nn.Sequential(*[nn.Linear(8, 8)] * 4)\n").outside())
    assert [(one.name, len(one.shared_layers)) for one in found] == [("build", 1)]
