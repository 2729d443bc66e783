"""Rows of 255 that are divided by 255 in each epoch."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="sample-changed-in-place",
    observable=returned,
    mistaken="smaller_in_each_epoch",
    fixed="the_same_in_each_epoch",
    reference=1.0,
    margin=0.9,
    label="largest value in the last epoch",
    effect="the largest value in the second epoch is {mistaken} instead of {fixed}",
)
