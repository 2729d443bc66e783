"""What keras 3.15.1 on torch does with the mode of a model, as it was run: it reads the argument `training` alone."""

from __future__ import annotations

from types import SimpleNamespace

from torch import Tensor, nn


class _Dense(nn.Module):
    def __init__(self, units: int, activation: str | None = None) -> None:
        super().__init__()
        self.linear, self.activation = nn.LazyLinear(units), activation

    def forward(self, inputs: Tensor, training: bool = False) -> Tensor:
        outputs: Tensor = self.linear(inputs)
        return outputs.relu() if self.activation == "relu" else outputs


class _Dropout(nn.Module):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, inputs: Tensor, training: bool = False) -> Tensor:
        return nn.functional.dropout(inputs, self.rate, training)


class Sequential(nn.Module):
    """Layers that are called one after the other."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, inputs: Tensor, training: bool = False) -> Tensor:
        """The output of the last layer."""
        for layer in self.layers:
            inputs = layer(inputs, training=training)
        return inputs


layers = SimpleNamespace(Dense=_Dense, Dropout=_Dropout)
