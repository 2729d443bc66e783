"""Two blocks in one pass, two steps to accumulate: the first network is never updated, on a stand-in for Accelerate."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="second-accumulate-block",
    observable=returned,
    mistaken="updates_of_the_first_network",
    fixed="updates_of_the_first_network_in_one_block",
    reference=2,
    margin=2,
    label="updates of the first network",
    effect="{mistaken:int} updates of the first network in four passes instead of {fixed:int}",
)
