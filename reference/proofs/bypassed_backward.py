"""Gradients that were not divided add up to twice what is right, on a stand-in for Accelerate."""

from ..observables import gradient_norm
from ..proof import Proof
from .zero_grad_breaks_accumulation import whole_batches

PROOF = Proof(
    rule="bypassed-backward",
    observable=gradient_norm,
    mistaken="plain_inside_accumulate",
    fixed="by_the_accelerator",
    reference=whole_batches,
    margin=0.3,
    effect="gradient norms {mistaken.series} where {fixed.series} is right: twice as large",
)
