"""A loss that is a leaf has nobody to give its gradient to."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="loss-made-leaf",
    observable=parameter_change,
    mistaken="made_anew",
    fixed="kept_as_it_is",
    margin=0.01,
    effect="parameters change by {mistaken}, where {fixed} is right, and no error",
)
