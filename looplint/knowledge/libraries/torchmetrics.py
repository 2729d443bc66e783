"""torchmetrics 1.9.0, run: the states of `MeanMetric` and most others keep no graph after `update`; those of
`CatMetric` and `SpearmanCorrCoef` do."""

from __future__ import annotations

from looplint.events import Kind
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

_KEEPS = (Effect(Kind.KEEP, object=0),)

ROWS = LibraryRows(
    effects={
        "torchmetrics.*.update": (Effect(),),
        "torchmetrics.*.CatMetric.update": _KEEPS,
        "torchmetrics.*.SpearmanCorrCoef.update": _KEEPS,
    },
)
