"""Labels that are drawn at random: a score above one half is a leak."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="kfold-shared-model",
    observable=returned,
    mistaken="one_network_for_five_folds",
    fixed="a_network_for_each_fold",
    reference=0.5,
    margin=0.2,
    tolerance=0.15,
    label="share of right answers on labels drawn at random",
    effect="{mistaken:%} of random labels are right over five folds, and {fixed:%} with a model for each",
)
