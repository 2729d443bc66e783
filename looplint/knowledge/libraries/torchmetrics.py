"""torchmetrics 1.9.0, run: the states of `MeanMetric` and most others keep no graph after `update`, but those of
`CatMetric` and `SpearmanCorrCoef` do. A metric that is called is updated, too; `reset` empties it."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

_UPDATED = Effect(Kind.MEASURE, how=How.UPDATED)
_KEEPS = (_UPDATED, Effect(Kind.KEEP, object=0))

ROWS = LibraryRows(
    effects={
        "torchmetrics.*.update": (_UPDATED,),
        "torchmetrics.*.__call__": (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.UPDATED),),
        "torchmetrics.*.compute": (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.COMPUTED),),
        "torchmetrics.*.reset": (Effect(Kind.EMPTY),),
        "torchmetrics.*.CatMetric.update": _KEEPS,
        "torchmetrics.*.SpearmanCorrCoef.update": _KEEPS,
    },
)
