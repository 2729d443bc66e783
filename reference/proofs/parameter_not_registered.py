"""What was computed from a parameter is no parameter: no optimizer gets it."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="parameter-not-registered",
    observable=returned,
    mistaken="scaled_outside",
    fixed="scaled_inside",
    reference=0.0,
    margin=0.5,
    effect="share of the gate's weights that training leaves exactly as they were: {mistaken:%} instead of {fixed:%}",
)
