"""Two workers with a copy of one generator each draw the same numbers, and the same again in the next epoch."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="rng-made-in-dataset-init",
    observable=returned,
    mistaken="own_generator",
    fixed="generator_of_the_worker",
    reference=16.0,
    margin=11.5,
    effect="{mistaken:int} different numbers for two epochs of 8 samples with two workers, where {fixed:int} are right",
)
