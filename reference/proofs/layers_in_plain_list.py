"""Layers in a plain list: no optimizer gets them."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="layers-in-plain-list",
    observable=returned,
    mistaken="listed",
    fixed="registered",
    reference=0.0,
    margin=0.5,
    effect="share of the layers that training leaves exactly as they were: {mistaken:%} instead of {fixed:%}",
)
