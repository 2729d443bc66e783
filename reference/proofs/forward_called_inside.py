"""A part that is run by its `forward` is run without its hooks."""

from ..observables import hooks_run
from ..proof import Proof

PROOF = Proof(
    rule="forward-called-inside",
    observable=hooks_run,
    mistaken="part_run_by_its_forward",
    fixed="part_called",
    margin=4,
    effect="a forward hook on the part runs {mistaken} times in {fixed} predictions",
)
