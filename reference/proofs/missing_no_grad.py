"""Validation with autograd recording holds what a backward would need, for nothing."""

from ..observables import kept_bytes
from ..proof import Proof

PROOF = Proof(
    rule="missing-no-grad",
    observable=kept_bytes,
    mistaken="validated_with_graph",
    fixed="validated_without_graph",
    reference=0.0,
    margin=1000.0,
    of=max,
    effect="{mistaken:bytes} kept after each batch for a backward that never comes, {fixed:int} under `no_grad`",
)
