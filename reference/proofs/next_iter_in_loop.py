"""A new iterator starts from the beginning: every step sees the first batch."""

from ..observables import distinct_batches
from ..proof import Proof

PROOF = Proof(
    rule="next-iter-in-loop",
    observable=distinct_batches,
    mistaken="first_batch_for_ever",
    fixed="every_batch_once",
    margin=2.5,
    effect="{mistaken:int} distinct batch in 4 steps, where {fixed:int} is right",
)
