"""MONAI 1.6.1, run: `DiceLoss` and its relatives apply a sigmoid or softmax if their arguments say so, and expect
probabilities if not; `CumulativeAverage` keeps no graph.
"""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_LOSSES = tuple(
    f"monai.*.{name}" for name in ("DiceLoss", "DiceCELoss", "DiceFocalLoss", "GeneralizedDiceLoss", "TverskyLoss")
)
_APPLIES_NOTHING = (
    (Argument(2, "sigmoid", False), (False,)),
    (Argument(3, "softmax", False), (False,)),
    (Argument(4, "other_act", None), (None,)),
)
_ACTIVATES = (
    Known(frozenset((Fact.TAKES_BINARY_LOGITS,)), ((Argument(2, "sigmoid", False), (True,)),)),
    Known(frozenset((Fact.TAKES_LOGITS,)), ((Argument(3, "softmax", False), (True,)),)),
    Known(frozenset((Fact.TAKES_PROBABILITIES,)), _APPLIES_NOTHING),
)

ROWS = LibraryRows(
    effects={"monai.*.CumulativeAverage.append": (Effect(),)},
    types=dict.fromkeys(_LOSSES, Type.CRITERION),
    facts=dict.fromkeys(_LOSSES, _ACTIVATES),
)
