"""A scaler that steps and has never scaled anything."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="unscaled-backward",
    observable=raised,
    mistaken="scale_forgotten",
    fixed="scaled",
    reference=0.0,
    margin=0.5,
    effect="the first step ends with an {mistaken.error}",
)
