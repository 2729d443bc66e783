"""The update uses the sum of the gradients of several batches, which is as many times their mean."""

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
        loss = loss_fn(plain_model(inputs), targets)
        loss.backward()
        optimizer.step()


PROOF = Proof(
    rule="accumulation-not-averaged",
    observable=gradient_norm,
    mistaken="as_it_is",
    fixed="divided",
    reference=whole_batches,
    margin=0.3,
    effect="gradient norms {mistaken.series} where {fixed.series} is right",
)
