"""A function that gives the rate: it is multiplied by the rate once more."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="lambda-returns-rate",
    observable=learning_rate,
    mistaken="rate_times_rate",
    fixed="rate_times_factor",
    reference=0.1,
    margin=0.08,
    label="learning rate",
    effect="every update of the first epoch has a learning rate of {mistaken}, where {fixed} is right",
)
