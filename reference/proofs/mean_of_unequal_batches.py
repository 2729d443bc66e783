"""25 samples in batches of 8: one of them is a batch."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="mean-of-unequal-batches",
    observable=returned,
    mistaken="of_batches",
    fixed="of_samples",
    reference=1.192,
    margin=0.03,
    tolerance=0.01,
    label="mean loss",
    effect="a mean loss of {fixed} comes out as {mistaken} (25 samples in batches of 8)",
)
