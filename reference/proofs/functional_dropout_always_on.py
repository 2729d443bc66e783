"""Dropout that evaluation mode does not reach."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="functional-dropout-always-on",
    observable=returned,
    mistaken="dropped_in_evaluation",
    fixed="told_the_mode",
    reference=0.0,
    margin=0.2,
    effect="{mistaken:%} of the values are zero in evaluation mode instead of {fixed:%}",
)
