"""Four processes of which one waits: the others never come."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="collective-on-one-rank",
    observable=returned,
    mistaken="saved_and_waited",
    fixed="saved_then_all_wait",
    reference=0.0,
    margin=0.5,
    label="processes that wait for others",
    effect="of 4 processes {mistaken:int} waits for the others for ever, where {fixed:int} do",
)
