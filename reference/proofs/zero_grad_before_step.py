"""Cleared gradients move nothing: the model stays as it was made."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="zero-grad-before-step",
    observable=parameter_change,
    mistaken="cleared_between_backward_and_step",
    fixed="cleared_first",
    margin=0.05,
    effect="parameters change by {mistaken} in four updates instead of {fixed}",
)
