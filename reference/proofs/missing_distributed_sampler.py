"""Without a sampler one of two processes goes over all samples, with it over half of them."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="missing-distributed-sampler",
    observable=returned,
    mistaken="all_samples_in_each_process",
    fixed="half_of_them_in_each_of_two",
    reference=16.0,
    margin=15.0,
    label="samples that one of two processes goes over in an epoch of 32",
    effect="one of two processes goes over {mistaken:int} of 32 samples in an epoch instead of {fixed:int}",
)
