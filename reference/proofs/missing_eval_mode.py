"""Validated in training mode, batch normalisation takes the validation data into its running statistics."""

from ..observables import running_mean
from ..proof import Proof

PROOF = Proof(
    rule="missing-eval-mode",
    observable=running_mean,
    mistaken="validated_in_training_mode",
    fixed="switched_around_validation",
    margin=0.5,
    effect="norm of the running means {mistaken}, where {fixed} is right: moved by validation data",
)
