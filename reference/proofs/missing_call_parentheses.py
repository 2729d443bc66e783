"""`optimizer.step` without a call updates nothing."""

from ..observables import parameter_change
from ..proof import Proof

PROOF = Proof(
    rule="missing-call-parentheses",
    observable=parameter_change,
    mistaken="step_not_called",
    fixed="step_called",
    margin=0.01,
    effect="parameters change by {mistaken}, where {fixed} is right",
)
