"""32 samples in batches of 12: the last 8 are never looked at."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="drop-last-in-validation",
    observable=returned,
    mistaken="last_samples_dropped",
    fixed="all_samples_seen",
    reference=32.0,
    margin=7.5,
    label="samples that are validated",
    effect="{mistaken:int} of 32 samples are validated",
)
