"""A retained graph holds what the forward pass saved until the next loss takes its place."""

from ..observables import kept_bytes
from ..proof import Proof

PROOF = Proof(
    rule="retained-graph",
    observable=kept_bytes,
    mistaken="retained_for_nothing",
    fixed="let_go",
    reference=0.0,
    margin=1000.0,
    of=max,
    effect="{mistaken:bytes} kept after each batch's backward, {fixed:int} without `retain_graph`",
)
