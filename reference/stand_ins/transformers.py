"""What transformers 5.24.0 does with the mode of a model, as it was run, on a network of two layers."""

from __future__ import annotations

import dataclasses
from typing import Any, Self

from torch import Tensor, nn


@dataclasses.dataclass
class Output:
    """What a model returns: both hold a graph."""

    loss: Tensor | None
    logits: Tensor


class AutoModelForSequenceClassification(nn.Module):
    """A classifier of 6 features into 3 classes, with dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.5))
        self.classifier = nn.Linear(16, 3)

    @classmethod
    def from_pretrained(cls, name: str, **options: Any) -> Self:
        """A model in evaluation mode."""
        return cls().eval()

    @classmethod
    def from_config(cls, config: Any) -> Self:
        """A model in training mode."""
        return cls()

    def forward(self, inputs: Tensor, labels: Tensor | None = None) -> Output:
        """Logits and, where there are labels, the loss."""
        logits: Tensor = self.classifier(self.encoder(inputs))
        return Output(None if labels is None else nn.functional.cross_entropy(logits, labels), logits)
