"""What is validated differs from the averaged weights, which `optimizer.eval()` puts into the model."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="averaging-optimizer-mode",
    observable=returned,
    mistaken="validated_with_the_trained_weights",
    fixed="validated_with_the_average",
    reference=0.0,
    margin=0.005,
    label="largest difference from the averaged weights",
    effect="the weights validated differ from their average by up to {mistaken}, where {fixed} is right",
)
