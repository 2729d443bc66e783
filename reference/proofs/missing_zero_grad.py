"""Without a clear, every update uses the sum of all gradients so far."""

from ..observables import gradient_norm
from ..proof import Proof

PROOF = Proof(
    rule="missing-zero-grad",
    observable=gradient_norm,
    mistaken="never_cleared",
    fixed="cleared_before_backward",
    margin=0.5,
    effect="gradient norms {mistaken.series} where {fixed.series} is right",
)
