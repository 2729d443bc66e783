"""A dropout module made in `forward`: two evaluations of the same input differ."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="dropout-out-of-reach",
    observable=returned,
    mistaken="two_evaluations_with_a_dropout_made_in_forward",
    fixed="two_evaluations_with_a_registered_dropout",
    reference=0.0,
    margin=0.1,
    effect="two evaluations of the same input differ by {mistaken} instead of {fixed}",
)
