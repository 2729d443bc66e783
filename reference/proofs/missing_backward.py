"""A step without gradients moves nothing."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="missing-backward",
    observable=parameter_change,
    mistaken="no_backward",
    fixed="backward_before_step",
    margin=0.01,
    effect="parameters change by {mistaken}, where {fixed} is right",
)
