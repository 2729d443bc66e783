"""After the first validation the network trains in evaluation mode."""

from ..observables import training_mode
from ..proof import Proof

PROOF = Proof(
    rule="missing-train-mode",
    observable=training_mode,
    mistaken="never_back",
    fixed="back_at_the_start_of_each_epoch",
    margin=0.5,
    of=min,
    effect="{mistaken:%} of the modules train in training mode after the first validation, where {fixed:%} is right",
)
