"""A name that is bound anew leaves the parameter as it was."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="rebound-parameter",
    observable=parameter_change,
    mistaken="bound_anew",
    fixed="changed_in_place",
    margin=0.01,
    effect="parameters change by {mistaken}, where {fixed} is right",
)
