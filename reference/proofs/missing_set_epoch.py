"""Without `set_epoch` the second epoch has the batches of the first."""

from ..observables import distinct_batches
from ..proof import Proof

PROOF = Proof(
    rule="missing-set-epoch",
    observable=distinct_batches,
    mistaken="same_order_each_epoch",
    fixed="new_order_each_epoch",
    reference=8.0,
    margin=3.5,
    effect="{mistaken:int} distinct batches in two epochs of 4, where {fixed:int} is right",
)
