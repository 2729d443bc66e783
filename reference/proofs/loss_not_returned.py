"""A step without a loss moves nothing, on a stand-in for Lightning."""

from typing import Any

import torch
from torch import nn

from ..observables import parameter_change
from ..proof import Proof


def one_epoch(plain_model: nn.Module, loader: Any) -> None:
    """The loop that the framework runs, in plain PyTorch."""
    optimizer = torch.optim.SGD(plain_model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(plain_model(inputs), targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()


PROOF = Proof(
    rule="loss-not-returned",
    observable=parameter_change,
    mistaken="only_logged",
    fixed="returned",
    reference=one_epoch,
    margin=0.05,
    label="distance from the start",
    effect="after an epoch the parameters are {mistaken} away from where they started, where {fixed} is right",
)
