"""Inputs that are converted for nothing do not fit the model: the first prediction fails."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="discarded-to-result",
    observable=raised,
    mistaken="converted_for_nothing",
    fixed="converted",
    reference=0.0,
    margin=0.5,
    effect="the next prediction ends with a {mistaken.error}",
)
