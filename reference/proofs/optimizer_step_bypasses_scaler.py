"""A step with gradients that are still multiplied by the scale of 65,536."""

from collections.abc import Sequence

from ..observables import update_size
from ..proof import Proof


def first(sizes: Sequence[float]) -> float:
    """Size of the first update: later ones start from other weights."""
    return sizes[0]


PROOF = Proof(
    rule="optimizer-step-bypasses-scaler",
    observable=update_size,
    mistaken="stepped_with_scaled_gradients",
    fixed="stepped_through_the_scaler",
    of=first,
    margin=100.0,
    effect="first update {mistaken} instead of {fixed}",
)
