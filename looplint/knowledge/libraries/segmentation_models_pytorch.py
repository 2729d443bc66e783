"""segmentation-models-pytorch 0.6.0, run: losses expect logits by default (`from_logits=True`)."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_PACKAGE = "segmentation_models_pytorch.*"
_LOSSES = tuple(f"{_PACKAGE}.{name}" for name in ("DiceLoss", "JaccardLoss", "TverskyLoss"))
_BCE = f"{_PACKAGE}.SoftBCEWithLogitsLoss"
_MODE, _FROM_LOGITS = Argument(0, "mode", None), (Argument(3, "from_logits", True), (True,))
_TAKES = (
    Known(frozenset((Fact.TAKES_BINARY_LOGITS,)), ((_MODE, ("binary", "multilabel")), _FROM_LOGITS)),
    Known(frozenset((Fact.TAKES_LOGITS,)), ((_MODE, ("multiclass",)), _FROM_LOGITS)),
)

ROWS = LibraryRows(
    types=dict.fromkeys((*_LOSSES, _BCE), Type.CRITERION),
    facts=dict.fromkeys(_LOSSES, _TAKES) | {_BCE: (Known(frozenset((Fact.TAKES_BINARY_LOGITS,))),)},
)
