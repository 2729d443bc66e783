"""A layer that is made anew in each forward pass: two passes over the same input differ."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="layer-built-in-forward",
    observable=returned,
    mistaken="two_passes_with_a_new_layer",
    fixed="two_passes_with_one_layer",
    reference=0.0,
    margin=0.1,
    effect="two evaluations of the same input differ by {mistaken} instead of {fixed}",
)
