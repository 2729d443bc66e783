"""A linear target, which a linear network can reach."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="loss-broadcast",
    observable=returned,
    mistaken="column_against_row",
    fixed="row_against_row",
    reference=0.0,
    margin=0.8,
    tolerance=0.1,
    label="error as a share of the variance of the targets",
    effect="{mistaken:%} of the variance of the targets is left after training, where {fixed:%} is",
)
