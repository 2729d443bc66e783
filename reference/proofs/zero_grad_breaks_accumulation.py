"""Of two micro-batches only the last one reaches the step; right is the gradient over both as one batch."""

from typing import Any

import torch
from torch import nn

from ..observables import gradient_norm
from ..proof import Proof


def whole_batches(plain_model: nn.Module, loader: Any, loss_fn: nn.Module, accumulation_steps: int) -> None:
    """Each update with the gradient over as many batches as are accumulated, taken as one."""
    optimizer = torch.optim.SGD(plain_model.parameters(), lr=0.1)
    batches = iter(loader)
    for group in zip(*[batches] * accumulation_steps, strict=True):
        inputs, targets = (torch.cat(parts) for parts in zip(*group, strict=True))
        optimizer.zero_grad()
        loss_fn(plain_model(inputs), targets).backward()
        optimizer.step()


PROOF = Proof(
    rule="zero-grad-breaks-accumulation",
    observable=gradient_norm,
    mistaken="cleared_for_every_micro_batch",
    fixed="cleared_behind_the_step",
    reference=whole_batches,
    margin=0.03,
    effect="gradient norms {mistaken.series} where {fixed.series} is right: one micro-batch of two",
)
