"""Past the wrapper no gradients are averaged: its communication hook never runs."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="bypassed-wrapper",
    observable=returned,
    mistaken="trained_inside",
    fixed="trained_through_the_wrapper",
    reference=4.0,
    margin=3.5,
    effect="gradients are averaged {mistaken:int} times in 4 updates instead of {fixed:int}",
)
