"""timm 1.0.31, run: `NativeScaler` never clears, `AverageMeter` keeps its values, losses expect logits."""

from __future__ import annotations

from looplint.events import Fact, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Known, LibraryRows

_LOSSES = ("timm.*.LabelSmoothingCrossEntropy", "timm.*.SoftTargetCrossEntropy")

ROWS = LibraryRows(
    effects={
        "timm.*.NativeScaler.__call__": (
            Effect(Kind.BACKWARD, 0, keyword="loss"),
            Effect(Kind.STEP, 1, keyword="optimizer", enabled_by="need_update"),
        ),
        "timm.*.AverageMeter.update": (Effect(Kind.KEEP, object=0, keyword="val"),),
    },
    types={"timm.*.NativeScaler": Type.OTHER, "timm.*.AverageMeter": Type.OTHER}
    | dict.fromkeys(_LOSSES, Type.CRITERION),
    facts=dict.fromkeys(_LOSSES, (Known(frozenset((Fact.TAKES_LOGITS,))),)),
)
