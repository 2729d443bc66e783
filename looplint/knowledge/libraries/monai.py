"""MONAI 1.6.1, run: `DiceLoss` and its relatives apply a sigmoid or softmax if their arguments say so, and expect
probabilities if not, `FocalLoss` logits; `CumulativeAverage` keeps no graph, and `sliding_window_inference` returns
one. The networks for segmentation end in a convolution.
"""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
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

_FOCAL, _SOFTMAX = "monai.*.FocalLoss", Argument(6, "use_softmax", False)
_TAKES_LOGITS = (
    Known(frozenset((Fact.TAKES_BINARY_LOGITS,)), ((_SOFTMAX, (False,)),)),
    Known(frozenset((Fact.TAKES_LOGITS,)), ((_SOFTMAX, (True,)),)),
)

# `FlexibleUNet` and `AHNet` can be made to end in an activation.
_NETWORKS = tuple(
    f"monai.*.{name}"
    for name in ("AttentionUnet", "BasicUNet", "DynUNet", "SegResNet", "SwinUNETR", "UNETR", "UNet", "Unet", "VNet")
)
_METRICS = tuple(
    f"monai.*.{name}" for name in ("DiceMetric", "HausdorffDistanceMetric", "MeanIoU", "SurfaceDistanceMetric")
)

_ENDS_LINEAR = (Known(frozenset((Fact.LINEAR_OUTPUT,))),)

ROWS = LibraryRows(
    effects={
        **dict.fromkeys(
            (f"{name}.__call__" for name in _METRICS), (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.UPDATED),)
        ),
        **dict.fromkeys(
            (f"{name}.aggregate" for name in _METRICS), (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.COMPUTED),)
        ),
        **dict.fromkeys((f"{name}.reset" for name in _METRICS), (Effect(Kind.EMPTY),)),
        "monai.*.CumulativeAverage.append": (Effect(),),
        "monai.*.SlidingWindowInferer.__call__": (Effect(Kind.PREDICT, 1, keyword="network"),),
        "monai.*.sliding_window_inference": (Effect(Kind.PREDICT, 3, keyword="predictor"),),
    },
    types=dict.fromkeys((*_LOSSES, _FOCAL), Type.CRITERION)
    | dict.fromkeys(_NETWORKS, Type.MODULE)
    | {"monai.*.Novograd": Type.OPTIMIZER, "monai.*.SlidingWindowInferer": Type.OTHER},
    facts=dict.fromkeys(_LOSSES, _ACTIVATES) | {_FOCAL: _TAKES_LOGITS} | dict.fromkeys(_NETWORKS, _ENDS_LINEAR),
)
