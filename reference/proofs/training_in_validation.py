"""A validation loop that was copied from the training loop updates the parameters, too."""

from ..observables import updates
from ..proof import Proof

PROOF = Proof(
    rule="training-in-validation",
    observable=updates,
    mistaken="copied_from_the_training_loop",
    fixed="only_graded",
    margin=7.5,
    effect="{mistaken:int} updates in two epochs of 4 batches, where {fixed:int} is right",
)
