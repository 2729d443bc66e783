"""One layer in four places: the network has a quarter of the parameters."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="repeated-layer",
    observable=returned,
    mistaken="one_layer_four_times",
    fixed="four_layers",
    reference=1088.0,
    margin=800.0,
    label="number of parameters",
    effect="four layers of 16 features have {mistaken:int} parameters instead of {fixed:int}",
)
