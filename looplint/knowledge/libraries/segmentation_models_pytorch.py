"""segmentation-models-pytorch 0.6.0, run: losses expect logits by default (`from_logits=True`), which networks return
by default (`activation=None`)."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_PACKAGE = "segmentation_models_pytorch.*"
_BCE = f"{_PACKAGE}.SoftBCEWithLogitsLoss"
_MODE = Argument(0, "mode", None)


_LOGITS = (
    (Fact.TAKES_BINARY_LOGITS, ("binary", "multilabel", "BINARY_MODE", "MULTILABEL_MODE")),
    (Fact.TAKES_LOGITS, ("multiclass", "MULTICLASS_MODE")),
)


def _takes(position: int, probabilities: bool) -> tuple[Known, ...]:
    """What a loss with `from_logits` at this position expects. `probabilities`: whether that is what `False` asks
    for."""
    given = Argument(position, "from_logits", True)
    rows = tuple(Known(frozenset((fact,)), ((_MODE, modes), (given, (True,)))) for fact, modes in _LOGITS)
    return (*rows, Known(frozenset((Fact.TAKES_PROBABILITIES,)), ((given, (False,)),))) if probabilities else rows


# `FocalLoss` and `LovaszLoss` take logits of two classes whatever `from_logits` says.
_LOSSES = dict.fromkeys((f"{_PACKAGE}.{name}" for name in ("DiceLoss", "JaccardLoss", "TverskyLoss")), _takes(3, True))
_LOSSES |= {f"{_PACKAGE}.FocalLoss": _takes(4, False), f"{_PACKAGE}.LovaszLoss": _takes(3, False)}
_NETWORKS = "DeepLabV3 DeepLabV3Plus FPN Linknet MAnet PAN PSPNet Unet UnetPlusPlus UPerNet"


def _returns(activation: str | None, fact: Fact) -> Known:
    one_output = (Argument(99, "aux_params", None), (None,))
    return Known(frozenset((fact,)), ((Argument(99, "activation", None), (activation,)), one_output))


_OUTPUT = (_returns(None, Fact.LINEAR_OUTPUT), _returns("sigmoid", Fact.SIGMOID), _returns("softmax", Fact.SOFTMAX))

ROWS = LibraryRows(
    types=dict.fromkeys((*_LOSSES, _BCE), Type.CRITERION)
    | dict.fromkeys((f"{_PACKAGE}.{name}" for name in _NETWORKS.split()), Type.MODULE),
    facts=_LOSSES
    | {_BCE: (Known(frozenset((Fact.TAKES_BINARY_LOGITS,))),)}
    | dict.fromkeys((f"{_PACKAGE}.{name}" for name in _NETWORKS.split()), _OUTPUT),
)
