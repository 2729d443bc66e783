"""A schedule over the updates that moves with each micro-batch: the last update has no rate left."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="schedule-per-micro-batch",
    observable=learning_rate,
    mistaken="linear_per_micro_batch",
    fixed="linear_per_update",
    reference=0.025,
    margin=0.02,
    label="learning rate of the last update",
    effect="the last update has a learning rate of {mistaken}, where {fixed} is right: {mistaken.series}",
)
