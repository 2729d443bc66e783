"""A mean over batches of 8, divided by 32 samples instead of 4 batches."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="loss-divided-by-samples",
    observable=returned,
    mistaken="mean_by_samples",
    fixed="sum_by_samples",
    reference=1.055,
    margin=0.5,
    tolerance=0.02,
    label="loss that is logged",
    effect="a loss of {fixed} is logged as {mistaken}",
)
