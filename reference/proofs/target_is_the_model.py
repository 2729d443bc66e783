"""A target that is the model itself never lags behind it."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="target-is-the-model",
    observable=returned,
    mistaken="target_moved_from_the_model",
    fixed="target_copied_from_the_model",
    reference=1.0,
    margin=0.5,
    label="1 if target and model ever differ",
    effect="target and model ever differ in training: {mistaken:int} instead of {fixed:int} (1: yes)",
)
