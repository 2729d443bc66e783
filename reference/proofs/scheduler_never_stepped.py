"""A scheduler that nobody steps leaves the rate as it was."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="scheduler-never-stepped",
    observable=learning_rate,
    mistaken="made_and_forgotten",
    fixed="stepped_after_each_epoch",
    reference=0.01,
    margin=0.05,
    effect="learning rate of the last update {mistaken} instead of {fixed}",
)
