"""A head that the optimizer does not know: training leaves it as it was made."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="parameters-replaced-after-optimizer",
    observable=returned,
    mistaken="head_replaced_after_the_optimizer",
    fixed="head_replaced_before_the_optimizer",
    reference=0.0,
    margin=0.5,
    effect="share of the new head's weights that training leaves as they were: {mistaken:%} instead of {fixed:%}",
)
