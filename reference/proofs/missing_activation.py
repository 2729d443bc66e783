"""Without `log_softmax` the likelihood that `NLLLoss` is to minimise has no lower bound."""

from ..observables import loss
from ..proof import Proof

PROOF = Proof(
    rule="missing-activation",
    observable=loss,
    mistaken="logits_to_nll",
    fixed="logarithms_to_nll",
    reference=0.0,
    margin=5.0,
    effect="the loss of a perfect prediction is {mistaken} instead of {reference}, and falls on",
)
