"""The gradient of a feature loss for the network that it is to train."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="loss-term-without-effect",
    observable=returned,
    mistaken="features_of_a_detached_output",
    fixed="features_of_the_output",
    reference=1.0,
    margin=0.9,
    label="whether the term has a gradient for what is updated",
    effect="the term has a gradient for the updated network in {mistaken:int} of 1 runs",
)
