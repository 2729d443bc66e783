"""Clipping that is given a spent generator clips nothing."""

from ..observables import gradient_norm
from ..proof import Proof

PROOF = Proof(
    rule="spent-parameter-generator",
    observable=gradient_norm,
    mistaken="clipping_gets_none",
    fixed="kept_as_a_list",
    reference=0.1,
    margin=0.2,
    of=max,
    effect="gradient norms {mistaken.series} where the bound is {reference}",
)
