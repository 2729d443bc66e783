"""Stored predictions: the autograd nodes that stay alive grow with each batch."""

from ..observables import kept_nodes
from ..proof import Proof

PROOF = Proof(
    rule="outputs-kept-with-graph",
    observable=kept_nodes,
    mistaken="appended",
    fixed="detached",
    margin=10.0,
    effect="autograd nodes alive after each batch: {mistaken.series} instead of {fixed.series}",
)
