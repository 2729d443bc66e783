"""The rate set as an attribute of the optimizer: each update still has the first one."""

from ..observables import learning_rate
from ..proof import Proof

PROOF = Proof(
    rule="rate-set-as-attribute",
    observable=learning_rate,
    mistaken="attribute_of_the_optimizer",
    fixed="rate_of_each_group",
    reference=0.01,
    margin=0.08,
    label="learning rate",
    effect="the rate of an update is {mistaken} where it was set to {fixed}",
)
