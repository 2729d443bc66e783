"""Weights kept by reference before the first update: after training they are the trained ones."""

import copy
from typing import Any

from torch import nn

from ..observables import returned
from ..proof import Proof


def distance_trained(model: Any, optimizer: Any, loader: Any, loss_fn: Any) -> Any:
    """Distance between the weights before and after the loop."""
    before = nn.utils.parameters_to_vector(copy.deepcopy(model).parameters())
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        optimizer.step()
    return (nn.utils.parameters_to_vector(model.parameters()) - before).norm()


PROOF = Proof(
    rule="best-state-aliased",
    observable=returned,
    mistaken="kept_by_reference",
    fixed="kept_as_a_copy",
    reference=distance_trained,
    margin=0.05,
    effect="distance between the kept and the trained weights: {mistaken} instead of {fixed}",
)
