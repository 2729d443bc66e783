"""A loop that never steps: the parameters stay."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="missing-step",
    observable=parameter_change,
    mistaken="never_stepped",
    fixed="stepped",
    margin=0.05,
    effect="change of the parameters after four batches: {mistaken} instead of {fixed}",
)
