"""It counts, and takes no time: nothing else changes."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="anomaly-detection-left-on",
    observable=returned,
    mistaken="on_for_the_whole_training",
    fixed="off",
    reference=0.0,
    margin=1,
    label="operations of a batch that keep a stack trace",
    effect="{mistaken} operations of a batch keep a stack trace, instead of {fixed}",
)
