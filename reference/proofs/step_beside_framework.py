"""A step by hand beside that of the framework: two updates of each batch, on a stand-in for Lightning."""

from ..observables import updates
from ..proof import Proof

PROOF = Proof(
    rule="step-beside-framework",
    observable=updates,
    mistaken="two_updates",
    fixed="one_update",
    reference=4,
    margin=4,
    label="updates",
    effect="{mistaken:int} updates of four batches instead of {fixed:int}",
)
