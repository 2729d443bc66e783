"""Resumed after two epochs, the first epoch is trained with the first rate once more."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="scheduler-made-after-loading",
    observable=returned,
    mistaken="loaded_before_the_scheduler",
    fixed="loaded_behind_the_scheduler",
    reference=0.025,
    margin=0.07,
    label="learning rate after resuming",
    effect="the epoch after resuming has a learning rate of {mistaken}, where {fixed} is right",
)
