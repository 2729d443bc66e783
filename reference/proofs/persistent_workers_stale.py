"""A dataset that gives its level, which is set to the number of the epoch."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="persistent-workers-stale",
    observable=returned,
    mistaken="kept_from_the_first_epoch",
    fixed="new_workers_in_each_epoch",
    reference=1.0,
    margin=0.9,
    label="level of the samples in the last epoch",
    effect="samples of the second epoch have the level {mistaken:int}, where {fixed:int} was set",
)
