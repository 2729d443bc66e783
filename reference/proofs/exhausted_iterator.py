"""An iterator made once gives its batches in the first epoch only: the second makes no updates."""

from ..observables import updates
from ..proof import Proof

PROOF = Proof(
    rule="exhausted-iterator",
    observable=updates,
    mistaken="made_once",
    fixed="made_by_the_loop",
    margin=3.5,
    effect="{mistaken:int} updates in two epochs of 4 batches, where {fixed:int} is right",
)
