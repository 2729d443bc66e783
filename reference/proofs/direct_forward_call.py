"""`forward` is the module without its hooks: whoever hung one on it gets nothing."""

from ..observables import hooks_run
from ..proof import Proof

PROOF = Proof(
    rule="direct-forward-call",
    observable=hooks_run,
    mistaken="forward_of_a_parameter",
    fixed="called",
    margin=4,
    effect="a forward hook runs {mistaken} times in {fixed} predictions",
)
