"""schedulefree 1.4.1, run: an optimizer holds two sets of weights, one that it trains, and its average.

`optimizer.eval()` puts the average into the model, `optimizer.train()` the trained ones. Two of them normalize the
gradients in place.
"""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_OPTIMIZERS = tuple(
    f"schedulefree.*.{name}"
    for name in (
        "AdamWScheduleFree",
        "AdamWScheduleFreeReference",
        "RAdamScheduleFree",
        "SGDScheduleFree",
        "SGDScheduleFreeReference",
        "ScheduleFreeWrapper",
    )
)

_CHANGES = ("schedulefree.*.AdamWScheduleFree", "schedulefree.*.RAdamScheduleFree")

ROWS = LibraryRows(
    types=dict.fromkeys(_OPTIMIZERS, Type.OPTIMIZER),
    facts=dict.fromkeys(_OPTIMIZERS, (Known(frozenset((Fact.AVERAGES,))),))
    | dict.fromkeys(_CHANGES, (Known(frozenset((Fact.AVERAGES, Fact.CHANGES_GRADIENTS))),)),
)
