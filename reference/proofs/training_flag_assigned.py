"""The outermost flag alone leaves batch normalisation in training mode: it learns from validation data."""

from ..observables import running_mean
from ..proof import Proof

PROOF = Proof(
    rule="training-flag-assigned",
    observable=running_mean,
    mistaken="flag_set_around_validation",
    fixed="switched_around_validation",
    margin=0.5,
    effect="norm of the running means {mistaken}, where {fixed} is right: the layers were still in training mode",
)
