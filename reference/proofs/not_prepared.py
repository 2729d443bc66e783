"""An optimizer that does not wait makes an update of each micro-batch, on a stand-in for Accelerate."""

from ..observables import updates
from ..proof import Proof

PROOF = Proof(
    rule="not-prepared",
    observable=updates,
    mistaken="steps_with_each_micro_batch",
    fixed="steps_with_the_last",
    reference=2,
    margin=2,
    label="updates",
    effect="{mistaken:int} updates of four micro-batches instead of {fixed:int}",
)
