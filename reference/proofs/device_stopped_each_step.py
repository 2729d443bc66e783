"""It counts, and takes no time: nothing else changes."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="device-stopped-each-step",
    observable=returned,
    mistaken="emptied_in_each_step",
    fixed="never_emptied",
    reference=0.0,
    margin=1,
    label="times that an epoch gives memory back",
    effect="memory is given back {mistaken} times in four steps, instead of {fixed}",
)
