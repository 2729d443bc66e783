"""What has no graph cannot be back-propagated: the first backward fails."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="detached-loss",
    observable=raised,
    mistaken="outputs_detached",
    fixed="outputs_kept",
    reference=0.0,
    margin=0.5,
    effect="the first `backward()` ends with a {mistaken.error}",
)
