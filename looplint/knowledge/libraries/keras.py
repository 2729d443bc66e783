"""keras 3.15.1 on torch, run: layers read the argument `training`, False unless it is given, not the module's mode."""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import Known, LibraryRows

_CALLED = (Effect(Kind.RUN, how=How.AS_ARGUED, returns=Returns.OUTPUT),)
_WITH_MODE = ("Dropout", "BatchNormalization", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout")

ROWS = LibraryRows(
    types={"keras.*.Sequential": Type.MODULE, "keras.Sequential": Type.MODULE},
    effects={"keras.*.Sequential.__call__": _CALLED},
    facts={f"keras.*.{name}": (Known(frozenset((Fact.MODE_ARGUED,))),) for name in _WITH_MODE},
    mode_free=frozenset(("keras.*.Model", "keras.*.Sequential", "keras.*.Layer")),
)
