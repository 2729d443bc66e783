"""A model that is only the report of its loading: the next call of it fails."""

from ..observables import raised
from ..proof import Proof

PROOF = Proof(
    rule="model-replaced-by-load-result",
    observable=raised,
    mistaken="replaced",
    fixed="in_place",
    reference=0.0,
    margin=0.5,
    effect="the next use of the model ends with an {mistaken.error}",
)
