"""A state that brings its graph along: the second backward goes through a graph that is gone."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="hidden-state-not-detached",
    observable=raised,
    mistaken="carried_with_its_graph",
    fixed="cut_off",
    reference=0.0,
    margin=0.5,
    effect="the second `backward()` ends with a {mistaken.error}",
)
