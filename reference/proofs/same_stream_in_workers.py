"""Two workers that both give the whole stream: every sample comes twice."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="same-stream-in-workers",
    observable=returned,
    mistaken="two_workers_with_all_of_it",
    fixed="two_workers_with_a_half_each",
    reference=8.0,
    margin=7.5,
    label="samples in an epoch",
    effect="an epoch of 8 samples has {mistaken:int} with two workers, where {fixed:int} are right",
)
