"""What is logged as the norm of the gradients is 0: the step has taken them away."""

from ..observables import returned
from ..proof import Proof

PROOF = Proof(
    rule="gradients-read-after-step",
    observable=returned,
    mistaken="read_when_the_step_has_taken_them",
    fixed="read_before_the_step",
    reference=1.0,
    margin=0.5,
    label="norm of the gradients as logged, by what it was before the step",
    effect="the norm that is logged is {mistaken} times that of the gradients, where {fixed} is right",
)
