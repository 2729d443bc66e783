"""Sums that are clipped again with each micro-batch lead elsewhere than gradients that are clipped once."""

from typing import Any

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from ..observables import parameter_change
from ..proof import Proof


def whole_batches_clipped(plain_model: nn.Module, loader: Any, loss_fn: nn.Module, accumulation_steps: int) -> None:
    """Each update with the gradient over as many batches as are accumulated, taken as one, and clipped."""
    optimizer = torch.optim.SGD(plain_model.parameters(), lr=0.1)
    batches = iter(loader)
    for group in zip(*[batches] * accumulation_steps, strict=True):
        inputs, targets = (torch.cat(parts) for parts in zip(*group, strict=True))
        optimizer.zero_grad()
        loss = 10 * loss_fn(plain_model(inputs), targets)
        loss.backward()
        clip_grad_norm_(plain_model.parameters(), 0.5)
        optimizer.step()


PROOF = Proof(
    rule="clip-per-micro-batch",
    observable=parameter_change,
    mistaken="after_each_micro_batch",
    fixed="once_for_the_update",
    reference=whole_batches_clipped,
    margin=0.005,
    label="distance from the start",
    effect="parameters {mistaken} away from where they started, where {fixed} is right",
)
