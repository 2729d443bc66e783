"""higher 0.2.1, run: the `step(loss)` of the optimizer that `innerloop_ctx` yields differentiates the loss itself, and
leaves `grad` alone."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(
    effects={"higher.optim.step": (Effect(Kind.READ, 0, keyword="loss", returns=Returns.NEW, how=How.GRADIENT),)},
)
