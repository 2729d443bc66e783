"""It counts, and takes no time: nothing else changes."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="read-element-by-element",
    observable=returned,
    mistaken="each_score",
    fixed="all_scores",
    reference=1.0,
    margin=3,
    label="reads of one batch",
    effect="{mistaken} reads of one batch, where {fixed} is enough",
)
