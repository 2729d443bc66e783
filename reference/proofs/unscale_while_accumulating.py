"""Unscaled and scaled gradients in one sum."""

from ..observables import gradient_norm
from ..proof import Proof
from .zero_grad_breaks_accumulation import whole_batches

PROOF = Proof(
    rule="unscale-while-accumulating",
    observable=gradient_norm,
    mistaken="unscaled_at_the_first_micro_batch",
    fixed="unscaled_for_the_update",
    reference=whole_batches,
    margin=10.0,
    effect="gradient norms {mistaken.series} where {fixed.series} is right: scaled ones were added",
)
