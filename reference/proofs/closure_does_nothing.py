"""LBFGS with a closure that computes nothing: three passes leave a loss that is far from that of a right closure."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="closure-does-nothing",
    observable=returned,
    mistaken="loss_computed_before",
    fixed="loss_computed_in_the_closure",
    reference=0.0,
    margin=0.05,
    tolerance=0.05,
    label="last loss",
    effect="after three passes over the data the loss is {mistaken} instead of {fixed}",
)
