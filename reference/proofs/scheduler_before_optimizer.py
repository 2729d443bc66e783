"""A scheduler at the head of the epoch: the first rate is skipped."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="scheduler-before-optimizer",
    observable=learning_rate,
    mistaken="stepped_at_the_head_of_the_epoch",
    fixed="stepped_at_the_end_of_the_epoch",
    reference=0.1,
    of=max,
    margin=0.05,
    effect="learning rate of the first updates {mistaken.series} instead of {fixed.series}",
)
