"""What a GRU gives for a sample must not depend on the samples before it in the batch."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="sequence-not-batch-first",
    observable=returned,
    mistaken="depends_on_the_others",
    fixed="by_itself",
    reference=0.0,
    margin=0.05,
    tolerance=0.0001,
    label="difference that the rest of the batch makes",
    effect="the output for a sample changes by {mistaken} with the other samples of its batch",
)
