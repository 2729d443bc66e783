"""Two attributions of the same input differ in training mode, on a stand-in for captum."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="explained-in-training-mode",
    observable=returned,
    mistaken="after_training",
    fixed="after_switching",
    reference=0,
    margin=0.01,
    label="difference of two attributions",
    effect="two attributions of the same inputs differ by up to {mistaken} instead of {fixed}",
)
