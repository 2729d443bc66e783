"""A kept loss keeps the graph it came from, one more with every batch."""

from ..observables import kept_nodes
from ..proof import Proof

PROOF = Proof(
    rule="loss-accumulated-with-graph",
    observable=kept_nodes,
    mistaken="loss_summed",
    fixed="item_summed",
    margin=20,
    effect="autograd nodes alive: {mistaken.series} and growing, instead of {fixed.series}",
)
