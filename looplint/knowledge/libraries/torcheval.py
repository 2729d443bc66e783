"""torcheval 0.0.7, run: `Mean` keeps no graph. `compute` takes in every `update` since the last `reset`."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(
    effects={
        "torcheval.*.update": (Effect(Kind.MEASURE, how=How.UPDATED),),
        "torcheval.*.compute": (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.COMPUTED),),
        "torcheval.*.reset": (Effect(Kind.EMPTY),),
    },
)
