"""Even a perfect network cannot reach a loss of 0 through two softmaxes."""

from ..observables import loss
from ..proof import Proof

PROOF = Proof(
    rule="softmax-before-cross-entropy",
    observable=loss,
    mistaken="probabilities_given",
    fixed="logits_given",
    reference=0.0,
    margin=0.5,
    effect="the loss of a perfect prediction is {mistaken} instead of {fixed} (3 classes)",
)
