"""The transform that is set last counts for every part: what was set for training is lost."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="split-shares-dataset",
    observable=returned,
    mistaken="one_transform_after_the_other",
    fixed="a_dataset_for_each_part",
    reference=1.0,
    margin=0.9,
    label="mean of the training samples",
    effect="a transform that adds 1 to the training samples leaves their mean at {mistaken}, where {fixed} is right",
)
