"""pyro-ppl 1.9.2, run: `svi.step` clears and steps by itself and returns a float; an optimizer of `pyro.optim` steps
when it is called with parameters, and never clears. `zero_grads` does."""

from __future__ import annotations

from looplint.events import Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

_OPTIMIZERS = tuple(f"pyro.*.{name}" for name in ("AdagradRMSProp", "Adam", "AdamW", "ClippedAdam", "RMSprop", "SGD"))
_STEPS = (Effect(Kind.STEP, 0, keyword="params"),)

ROWS = LibraryRows(
    types=dict.fromkeys((*_OPTIMIZERS, "pyro.*.SVI"), Type.OTHER),
    effects={
        "pyro.*.SVI.step": (Effect(returns=Returns.NUMBER),),
        "pyro.*.SVI.evaluate_loss": (Effect(returns=Returns.NUMBER),),
        "pyro.*.zero_grads": (Effect(Kind.CLEAR, 0, keyword="tensors"),),
    }
    | dict.fromkeys((f"{name}.__call__" for name in _OPTIMIZERS), _STEPS),
)
