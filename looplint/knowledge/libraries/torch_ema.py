"""torch-ema 0.3, run: `update()` moves the average towards the weights that the parameters have at that time."""

from __future__ import annotations

from looplint.events import Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

_EMA = "torch_ema.*.ExponentialMovingAverage"

ROWS = LibraryRows(types={_EMA: Type.OTHER}, effects={f"{_EMA}.update": (Effect(Kind.TRACK),)})
