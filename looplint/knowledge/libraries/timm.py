"""timm 1.0.31, run: `NativeScaler` never clears, `AverageMeter` keeps its values, losses expect logits;
schedulers count epochs, for which `step_update` does nothing, or updates if made with `t_in_epochs=False`, for which
`step` does nothing."""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_LOSSES = ("timm.*.LabelSmoothingCrossEntropy", "timm.*.SoftTargetCrossEntropy")

_SCHEDULERS = tuple(f"timm.*.{name}LRScheduler" for name in ("Cosine", "MultiStep", "Poly", "Step", "Tanh"))
_IN_EPOCHS = Argument(99, "t_in_epochs", True)
_COUNTS = (
    Known(frozenset((Fact.COUNTS_EPOCHS,)), ((_IN_EPOCHS, (True,)),)),
    Known(frozenset((Fact.IGNORES_EPOCHS,)), ((_IN_EPOCHS, (False,)),)),
)
_OPTIMIZERS = ("timm.*.create_optimizer", "timm.*.create_optimizer_v2")
_CLIPS = (Effect(Kind.CLIP, 0, keyword="parameters"),)
_AVERAGES = tuple(f"timm.*.{name}" for name in ("ModelEma", "ModelEmaV2", "ModelEmaV3"))

ROWS = LibraryRows(
    effects={
        "timm.*.step_update": (Effect(Kind.READ, how=How.UPDATES),),
        **dict.fromkeys((f"{name}.update" for name in _AVERAGES), (Effect(Kind.TRACK),)),
        "timm.*.NativeScaler.__call__": (
            Effect(Kind.BACKWARD, 0, keyword="loss"),
            Effect(Kind.STEP, 1, keyword="optimizer", enabled_by="need_update"),
        ),
        **dict.fromkeys(("timm.*.adaptive_clip_grad", "timm.*.dispatch_clip_grad"), _CLIPS),
        "timm.*.AverageMeter.update": (Effect(Kind.KEEP, object=0, keyword="val"),),
    },
    types={"timm.*.NativeScaler": Type.OTHER, "timm.*.AverageMeter": Type.OTHER}
    | dict.fromkeys(_LOSSES, Type.CRITERION)
    | dict.fromkeys(_OPTIMIZERS, Type.OPTIMIZER)
    | dict.fromkeys(_AVERAGES, Type.OTHER)
    | dict.fromkeys(_SCHEDULERS, Type.SCHEDULER),
    facts=dict.fromkeys(_LOSSES, (Known(frozenset((Fact.TAKES_LOGITS,))),)) | dict.fromkeys(_SCHEDULERS, _COUNTS),
)
