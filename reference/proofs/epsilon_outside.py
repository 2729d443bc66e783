"""Lengths of 0 in a loss: one update, and the weights are no numbers any more."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="epsilon-outside",
    observable=returned,
    mistaken="beside_the_root",
    fixed="under_the_root",
    reference=0.0,
    margin=0.9,
    label="share of weights that are NaN",
    effect="{mistaken:%} of the weights are NaN after training, where {fixed:%} are",
)
