"""A scaler that is never updated: the second step fails."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="missing-scaler-update",
    observable=raised,
    mistaken="never_updated",
    fixed="updated_after_each_step",
    reference=0.0,
    margin=0.5,
    effect="the second step ends with a {mistaken.error}",
)
