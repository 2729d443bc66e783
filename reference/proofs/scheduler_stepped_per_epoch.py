"""A cycle over batches that moves once per epoch: it ends near its beginning."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="scheduler-stepped-per-epoch",
    observable=learning_rate,
    mistaken="one_cycle_per_epoch",
    fixed="one_cycle_per_batch",
    reference=0.0,
    margin=0.5,
    label="learning rate of the last update",
    effect="the last update has a learning rate of {mistaken}, where {fixed} is right",
)
