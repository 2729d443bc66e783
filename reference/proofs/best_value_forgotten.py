"""Four epochs with losses of 0.9, 0.5, 0.7 and 0.8: the last one is kept as the best."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="best-value-forgotten",
    observable=returned,
    mistaken="begins_in_each_epoch",
    fixed="begins_before_the_epochs",
    reference=0.5,
    margin=0.2,
    label="loss of the epoch that is kept",
    effect="of losses of 0.9, 0.5, 0.7 and 0.8, that of {mistaken} is kept as the best instead of {fixed}",
)
