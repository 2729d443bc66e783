"""Clipped in scaled units and divided by the scale afterwards, almost nothing is left of the update."""

from typing import Any

import torch
from torch import nn

from ..observables import update_size
from ..proof import Proof


def _in_full_precision(
    model: nn.Module, optimizer: torch.optim.Optimizer, loader: Any, loss_fn: nn.Module, max_norm: float
) -> None:
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()


PROOF = Proof(
    rule="clip-before-unscale",
    observable=update_size,
    mistaken="still_scaled",
    fixed="unscaled_first",
    reference=_in_full_precision,
    margin=0.05,
    effect="updates of {mistaken.series}, where {fixed.series} is right",
)
