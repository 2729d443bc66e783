"""Gradients that come after the clipping go into the step unclipped."""

from ..observables import gradient_norm
from ..proof import Proof

PROOF = Proof(
    rule="clip-before-backward",
    observable=gradient_norm,
    mistaken="clipped_too_early",
    fixed="clipped_between",
    reference=0.1,
    margin=0.2,
    of=max,
    effect="gradient norms {mistaken.series} where the bound is {reference}",
)
