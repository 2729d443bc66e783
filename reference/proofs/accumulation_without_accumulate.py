"""Gradients divided by two for an accumulation that does not take place, on a stand-in for Accelerate."""

from ..observables import gradient_norm
from ..proof import Proof
from .zero_grad_breaks_accumulation import whole_batches

PROOF = Proof(
    rule="accumulation-without-accumulate",
    observable=gradient_norm,
    mistaken="divided_and_not_accumulated",
    fixed="accumulated",
    reference=whole_batches,
    margin=0.03,
    effect="gradient norms {mistaken.series} where {fixed.series} is right: half of one batch, not the mean of two",
)
