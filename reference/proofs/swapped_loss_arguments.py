"""Binary cross-entropy of targets, given predictions as what is wanted: the logarithm of 0 is cut off at -100."""

import torch
import torch.nn.functional as F
from torch import nn

from ..observables import loss
from ..proof import Proof


def right(plain_model: nn.Module, loader: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Each batch graded, nothing updated."""
    for inputs, targets in loader:
        F.binary_cross_entropy(torch.sigmoid(plain_model(inputs)), F.one_hot(targets, 3).float()).backward()


PROOF = Proof(
    rule="swapped-loss-arguments",
    observable=loss,
    mistaken="targets_first",
    fixed="prediction_first",
    reference=right,
    of=max,
    margin=10.0,
    effect="a loss of {mistaken}, where {fixed} is right",
)
