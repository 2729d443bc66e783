"""With the same seed in every iteration dropout draws one and the same mask for all batches."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="seed-in-loop",
    observable=returned,
    mistaken="same_mask_for_every_batch",
    fixed="own_mask_for_every_batch",
    reference=4.0,
    margin=2.5,
    effect="{mistaken:int} dropout mask for 4 batches, where {fixed:int} are right",
)
