"""A loss class given tensors: the first batch ends with an error."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="loss-class-called-with-tensors",
    observable=raised,
    mistaken="class_called",
    fixed="criterion_called",
    reference=0.0,
    margin=0.5,
    effect="the first batch ends with a {mistaken.error}",
)
