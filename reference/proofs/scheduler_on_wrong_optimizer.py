"""The optimizer without a scheduler keeps its first rate."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="scheduler-on-wrong-optimizer",
    observable=returned,
    mistaken="both_over_the_first",
    fixed="one_over_each",
    reference=0.001,
    margin=0.09,
    label="learning rate after two epochs",
    effect="after two epochs the optimizer without a scheduler has a rate of {mistaken}, where {fixed} is right",
)
