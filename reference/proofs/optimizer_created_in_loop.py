"""Adam made anew in each epoch: its step counter starts again."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="optimizer-created-in-loop",
    observable=returned,
    mistaken="made_in_each_epoch",
    fixed="made_once",
    reference=8.0,
    margin=3.0,
    effect="Adam's step counter after each epoch of four batches: {mistaken.series} instead of {fixed.series}",
)
