"""A loss without a graph cannot be back-propagated: the first backward fails."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="backward-without-graph",
    observable=raised,
    mistaken="all_under_no_grad",
    fixed="with_a_graph",
    reference=0.0,
    margin=0.5,
    effect="the first `backward()` ends with a {mistaken.error}",
)
