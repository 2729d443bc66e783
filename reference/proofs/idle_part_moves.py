"""A head that is trained with the first batch alone moves with the next three, too."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="idle-part-moves",
    observable=returned,
    mistaken="zeros_for_the_one_that_rests",
    fixed="none_for_the_one_that_rests",
    reference=0.0,
    margin=0.1,
    label="distance that a head moves while it rests",
    effect="a head that takes no part in three batches moves by {mistaken}, where {fixed} is right",
)
