"""No hit in the first epoch, and nothing but hits in the second."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="metric-never-reset",
    observable=returned,
    mistaken="goes_on",
    fixed="begins_anew",
    reference=1.0,
    margin=0.4,
    label="accuracy of the last epoch",
    effect="an accuracy of {fixed:%} in the last epoch is reported as {mistaken:%}",
)
