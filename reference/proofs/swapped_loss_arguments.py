"""Binary cross-entropy of targets, given predictions as what is wanted: the logarithm of 0 is cut off at -100."""

from typing import Any

import torch
import torch.nn.functional as F

from ..observables import loss
from ..proof import Proof


def right(plain_model: Any, loader: Any) -> None:
    """Each batch graded, nothing updated."""
    for inputs, targets in loader:
        wanted = F.one_hot(targets, 3).float()
        loss_of_the_batch: Any = F.binary_cross_entropy(torch.sigmoid(plain_model(inputs)), wanted)
        loss_of_the_batch.backward()


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
