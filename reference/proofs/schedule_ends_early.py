"""A decay over epochs that moves with every batch: it is over before the first epoch is."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="schedule-ends-early",
    observable=learning_rate,
    mistaken="polynomial_per_batch",
    fixed="polynomial_per_epoch",
    reference=0.05,
    margin=0.04,
    label="learning rate of the last update",
    effect="the last update has a learning rate of {mistaken}, where {fixed} is right",
)
