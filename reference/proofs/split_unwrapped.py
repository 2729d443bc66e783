"""A loader over an unwrapped part gives the samples of all parts."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="split-unwrapped",
    observable=returned,
    mistaken="part_unwrapped",
    fixed="part_as_it_is",
    reference=24.0,
    margin=7.5,
    label="number of samples",
    effect="a loader for 24 of 32 samples gives {mistaken:int} of them",
)
