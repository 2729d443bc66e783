"""keras 3.15.1 on torch, run: layers read the argument `training`, False unless it is given, not the module's mode.
Losses are called with the targets first, and expect probabilities unless they are made with `from_logits=True`."""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_CALLED = (Effect(Kind.RUN, how=How.AS_ARGUED, returns=Returns.OUTPUT),)
_WITH_MODE = ("Dropout", "BatchNormalization", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout")

_ACTIVATION = Argument(1, "activation", None)
_DENSE = (
    Known(frozenset((Fact.LINEAR_OUTPUT,)), ((_ACTIVATION, (None, "linear")),)),
    Known(frozenset((Fact.SOFTMAX,)), ((_ACTIVATION, ("softmax",)),)),
    Known(frozenset((Fact.SIGMOID,)), ((_ACTIVATION, ("sigmoid",)),)),
)


def _takes(logits: Fact) -> tuple[Known, ...]:
    from_logits = Argument(0, "from_logits", False)
    return (
        Known(frozenset((Fact.TARGET_FIRST,))),
        Known(frozenset((logits,)), ((from_logits, (True,)),)),
        Known(frozenset((Fact.TAKES_PROBABILITIES,)), ((from_logits, (False,)),)),
    )


_LOSSES = {
    "keras.*.CategoricalCrossentropy": _takes(Fact.TAKES_LOGITS),
    "keras.*.SparseCategoricalCrossentropy": _takes(Fact.TAKES_LOGITS),
    "keras.*.BinaryCrossentropy": _takes(Fact.TAKES_BINARY_LOGITS),
}

ROWS = LibraryRows(
    types={
        "keras.*.Model": Type.MODULE,
        "keras.*.Sequential": Type.MODULE,
        "keras.Sequential": Type.MODULE,
        "keras.*.Dense": Type.OTHER,
    }
    | dict.fromkeys(_LOSSES, Type.CRITERION),
    effects={
        "keras.*.Model.__call__": _CALLED,
        "keras.*.Sequential.__call__": _CALLED,
        "keras.*.update_state": (Effect(Kind.MEASURE, how=How.UPDATED),),
        "keras.*.result": (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.COMPUTED),),
        "keras.*.reset_state": (Effect(Kind.EMPTY),),
        "keras.*.apply": (Effect(Kind.STEP, 1, keyword="trainable_variables"),),
    }
    | {f"keras.*.{name}.__call__": (Effect(returns=Returns.DERIVED),) for name in _WITH_MODE}
    | {"keras.*.Dense.__call__": (Effect(returns=Returns.OUTPUT),)},
    facts={"keras.*.Model": (Known(frozenset((Fact.FUNCTIONAL,))),)}
    | {f"keras.*.{name}": (Known(frozenset((Fact.MODE_ARGUED,))),) for name in _WITH_MODE}
    | {"keras.*.Dense": _DENSE}
    | _LOSSES,
    attributes={"keras.*.Model.optimizer": "keras.optimizers.Optimizer"},
    mode_free=frozenset(("keras.*.Model", "keras.*.Sequential", "keras.*.Layer")),
)
