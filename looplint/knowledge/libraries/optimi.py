"""torch-optimi 0.3.3, run: with `gradient_release=True` parameters are updated, and gradients cleared, in `backward()`.

`step()` and `zero_grad()` then change nothing. A plain optimizer without it. Adan and StableAdamW change the gradients
in `step()` with `foreach=True`.
"""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_NOTHING = (Effect(Kind.ESCAPE, made_with=("gradient_release", False, True)),)

_OPTIMIZERS = ("Adam", "AdamW", "Adan", "Lion", "RAdam", "Ranger", "SGD", "StableAdamW")

_CHANGED = Known(frozenset((Fact.CHANGES_GRADIENTS,)), ((Argument(99, "foreach", None), (True,)),))

ROWS = LibraryRows(
    facts=dict.fromkeys(("optimi.*.Adan", "optimi.*.StableAdamW"), (_CHANGED,)),
    types=dict.fromkeys((f"optimi.*.{name}" for name in _OPTIMIZERS), Type.OPTIMIZER),
    effects={
        "optimi.*.prepare_for_gradient_release": (Effect(Kind.ASSIGN, 1, keyword="optimizer", how=How.IN_BACKWARD),),
        "optimi.*.step": _NOTHING,
        "optimi.*.zero_grad": _NOTHING,
    },
)
