"""A bound method where a state was meant: it cannot be loaded."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="state-dict-not-called",
    observable=raised,
    mistaken="method_saved",
    fixed="state_saved",
    reference=0.0,
    margin=0.5,
    effect="loading what was saved ends with a {mistaken.error}",
)
