"""A step on cleared gradients: the parameters stay."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="step-before-backward",
    observable=parameter_change,
    mistaken="stepped_before_backward",
    fixed="stepped_after_backward",
    margin=0.05,
    effect="change of the parameters after four batches: {mistaken} instead of {fixed}",
)
