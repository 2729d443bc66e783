"""A misspelt `requires_grad`: the layer is trained on."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="freeze-without-effect",
    observable=returned,
    mistaken="parameters_misspelt",
    fixed="parameters_frozen",
    reference=0.0,
    margin=0.01,
    effect="change of the frozen layer's weights after four batches: {mistaken} instead of {fixed}",
)
