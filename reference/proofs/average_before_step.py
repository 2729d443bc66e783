"""With a decay of 0 the average is the model itself, unless it lags behind."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="average-before-step",
    observable=returned,
    mistaken="before_the_step",
    fixed="after_the_step",
    reference=0.0,
    margin=0.005,
    label="distance from the model",
    effect="an average with decay 0 is {mistaken} away from the model at the end, where {fixed} is right",
)
