"""A model is fine-tuned in the mode in which it was loaded, on a stand-in for Transformers."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="trained-in-evaluation-mode",
    observable=returned,
    mistaken="as_it_was_loaded",
    fixed="switched_before",
    reference=1,
    margin=1,
    label="training mode after training",
    effect="`model.training` is {mistaken:int} in all of fine-tuning instead of {fixed:int}: dropout is off",
)
