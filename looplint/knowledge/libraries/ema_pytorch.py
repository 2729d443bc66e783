"""ema-pytorch 0.8.3, run: `EMA` is a module over a copy of the model, in training mode until it is switched;
it calls `ema_model`.

`update()` moves the average towards the weights that the model has at that time.
"""

from __future__ import annotations

from looplint.events import Fact, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Known, LibraryRows

_EMA = "ema_pytorch.*.EMA"

ROWS = LibraryRows(
    types={_EMA: Type.MODULE},
    facts={_EMA: (Known(frozenset((Fact.COPY,))),)},
    effects={f"{_EMA}.update": (Effect(Kind.TRACK),)},
    itself=frozenset((f"{_EMA}.ema_model",)),
)
