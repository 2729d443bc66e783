"""torch-ema 0.3, run: `update()` moves the average towards the weights that the parameters have at that time; `copy_to`
overwrites those with the average, `restore` brings back the ones of `store`."""

from __future__ import annotations

from looplint.events import How, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

_EMA = "torch_ema.*.ExponentialMovingAverage"

ROWS = LibraryRows(
    types={_EMA: Type.OTHER},
    effects={
        f"{_EMA}.update": (Effect(Kind.TRACK),),
        f"{_EMA}.copy_to": (Effect(Kind.WEIGHTS, how=How.AVERAGED),),
        f"{_EMA}.restore": (Effect(Kind.WEIGHTS, how=How.UNAVERAGED),),
    },
)
