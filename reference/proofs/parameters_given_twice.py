"""An autoencoder whose decoder no optimizer holds."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="parameters-given-twice",
    observable=returned,
    mistaken="encoder_twice",
    fixed="encoder_and_decoder",
    reference=0.0,
    margin=0.9,
    label="share of the decoder that training leaves as it was",
    effect="share of the decoder's weights that training leaves as they were: {mistaken:%} instead of {fixed:%}",
)
