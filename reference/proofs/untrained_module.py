"""A head that no optimizer holds: training leaves it as it was made."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="untrained-module",
    observable=returned,
    mistaken="head_in_no_optimizer",
    fixed="head_in_the_optimizer",
    reference=0.0,
    margin=0.5,
    effect="share of the head's weights that training leaves as they were: {mistaken:%} instead of {fixed:%}",
)
