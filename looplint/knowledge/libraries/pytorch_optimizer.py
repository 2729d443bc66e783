"""pytorch-optimizer 4.1.0, run: its schedule-free optimizers hold two sets of weights, which
`eval()` and `train()` put into the model. Some optimizers leave other gradients than the loss gave, with their default
settings (128 compared)."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_OPTIMIZERS = tuple(
    f"pytorch_optimizer.*.{name}" for name in ("ScheduleFreeAdamW", "ScheduleFreeRAdam", "ScheduleFreeSGD")
)

_CHANGES = tuple(
    f"pytorch_optimizer.*.{name}"
    for name in (
        "Adalite",
        "GrokFastAdamW",
        "LARS",
        "NovoGrad",
        "Ranger",
        "SCIONLight",
        "ScheduleFreeAdamW",
        "ScheduleFreeRAdam",
        "StableSPAM",
    )
)
_CHANGED, _AVERAGED = Known(frozenset((Fact.CHANGES_GRADIENTS,))), Known(frozenset((Fact.AVERAGES,)))

ROWS = LibraryRows(
    types=dict.fromkeys((*_OPTIMIZERS, *_CHANGES), Type.OPTIMIZER),
    facts={
        name: (*([_CHANGED] if name in _CHANGES else []), *([_AVERAGED] if name in _OPTIMIZERS else []))
        for name in (*_OPTIMIZERS, *_CHANGES)
    },
)
