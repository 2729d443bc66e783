"""fastai 2.8.12, run: its losses flatten their arguments and apply what the criteria of torch apply that they wrap."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_LOGITS = ("CrossEntropyLossFlat", "FocalLossFlat", "LabelSmoothingCrossEntropy", "LabelSmoothingCrossEntropyFlat")
_LOSSES = dict.fromkeys((f"fastai.*.{name}" for name in _LOGITS), (Known(frozenset((Fact.TAKES_LOGITS,))),)) | {
    "fastai.*.BCEWithLogitsLossFlat": (Known(frozenset((Fact.TAKES_BINARY_LOGITS,))),)
}

ROWS = LibraryRows(types=dict.fromkeys(_LOSSES, Type.CRITERION), facts=_LOSSES)
