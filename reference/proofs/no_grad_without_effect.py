"""A dropped `no_grad()` switches nothing off: everything is recorded."""

from ..observables import kept_bytes
from ..proof import Proof

PROOF = Proof(
    rule="no-grad-without-effect",
    observable=kept_bytes,
    mistaken="dropped",
    fixed="held_by_with",
    reference=0.0,
    margin=1000.0,
    of=max,
    effect="{mistaken:bytes} kept after each batch for a backward that never comes, {fixed:int} inside a `with`",
)
