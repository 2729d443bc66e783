"""What a layer has, by its constructor and the arguments of that."""

from __future__ import annotations

import pytest

from looplint.module_classes.layers import has_mode, has_parameters


@pytest.mark.parametrize(
    ("layer", "options", "mode"),
    [
        ("torch.nn.Dropout", {}, True),
        ("torch.nn.Linear", {}, False),
        ("torch.nn.LSTM", {}, False),
        ("torch.nn.LSTM", {"dropout": 0.1}, True),
        ("torch.nn.TransformerEncoderLayer", {}, True),
        ("torch.nn.TransformerEncoderLayer", {"dropout": 0}, False),
    ],
)
def test_layers_with_a_mode(layer: str, options: dict[str, object], mode: bool) -> None:
    assert has_mode(layer, options) is mode


@pytest.mark.parametrize(
    ("layer", "options", "parameters"),
    [
        ("torch.nn.Linear", {}, True),
        ("torch.nn.ReLU", {}, False),
        ("torch.nn.BatchNorm1d", {"affine": False}, False),
        ("torch.nn.LayerNorm", {"elementwise_affine": False}, False),
        ("torch.nn.InstanceNorm2d", {}, False),
        ("torch.nn.InstanceNorm2d", {"affine": True}, True),
        ("torch_geometric.nn.GCNConv", {}, True),
        ("torch_geometric.nn.conv.GCNConv", {}, True),
        ("torch_geometric.nn.LGConv", {}, False),
        ("torch_geometric.nn.MessagePassing", {}, False),
    ],
)
def test_layers_with_parameters(layer: str, options: dict[str, object], parameters: bool) -> None:
    assert has_parameters(layer, options) is parameters
