"""MONAI 1.6.1, run: `DiceLoss` applies a sigmoid or softmax if its arguments say so; `CumulativeAverage` keeps no
graph.

The other losses take these two arguments in the same positions (their reference pages).
"""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_LOSSES = tuple(
    f"monai.*.{name}" for name in ("DiceLoss", "DiceCELoss", "DiceFocalLoss", "GeneralizedDiceLoss", "TverskyLoss")
)
_ACTIVATES = (
    Known(frozenset((Fact.TAKES_BINARY_LOGITS,)), ((Argument(2, "sigmoid", False), (True,)),)),
    Known(frozenset((Fact.TAKES_LOGITS,)), ((Argument(3, "softmax", False), (True,)),)),
)

ROWS = LibraryRows(
    effects={"monai.*.CumulativeAverage.append": (Effect(),)},
    types=dict.fromkeys(_LOSSES, Type.CRITERION),
    facts=dict.fromkeys(_LOSSES, _ACTIVATES),
)
