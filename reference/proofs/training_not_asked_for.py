"""Without `training=True` no dropout acts: two predictions are equal, on a stand-in for Keras."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="training-not-asked-for",
    observable=returned,
    mistaken="trained_in_inference_mode",
    fixed="training_asked_for",
    reference=1,
    margin=1,
    label="whether dropout acts",
    effect="dropout acts in {mistaken:int} of all batches instead of {fixed:int}",
)
