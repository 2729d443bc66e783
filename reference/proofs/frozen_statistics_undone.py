"""Frozen once, before `train()`: the running statistics of the frozen part move with the data."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="frozen-statistics-undone",
    observable=returned,
    mistaken="frozen_once",
    fixed="frozen_in_each_epoch",
    reference=0.0,
    margin=0.2,
    label="norm of the frozen running means",
    effect="norm of the running means of the frozen part {mistaken}, where {fixed} is right",
)
