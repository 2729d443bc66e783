"""pytorch-optimizer 4.1.0, run: its schedule-free optimizers hold two sets of weights, which
`eval()` and `train()` put into the model."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_OPTIMIZERS = tuple(
    f"pytorch_optimizer.*.{name}" for name in ("ScheduleFreeAdamW", "ScheduleFreeRAdam", "ScheduleFreeSGD")
)

ROWS = LibraryRows(
    types=dict.fromkeys(_OPTIMIZERS, Type.OPTIMIZER),
    facts=dict.fromkeys(_OPTIMIZERS, (Known(frozenset((Fact.AVERAGES,))),)),
)
