"""Ten epochs, every other one better: three bad ones in all end the training, though never three in a row."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="patience-never-reset",
    observable=returned,
    mistaken="counts_all_bad_epochs",
    fixed="counts_bad_epochs_in_a_row",
    reference=10.0,
    margin=3.5,
    label="epochs trained",
    effect="of ten epochs, every other one better, {mistaken:int} are trained with a patience of 3, not {fixed:int}",
)
