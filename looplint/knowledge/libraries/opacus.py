"""opacus 1.6.0, run: `make_private` returns the module, the optimizer and the loader, wrapped; the optimizer steps with
the gradients of the samples, which it clips itself, not with what is in `p.grad`."""

from __future__ import annotations

from looplint.events import How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

_WRAPPED = (
    Effect(Kind.ASSIGN, 1, keyword="optimizer", how=How.OF_SAMPLES),
    Effect(returns=Returns.NEW, named=("module", "optimizer", "criterion", "data_loader")),
)

ROWS = LibraryRows(
    types={"opacus.*.PrivacyEngine": Type.OTHER},
    effects={
        "opacus.*.PrivacyEngine.make_private": _WRAPPED,
        "opacus.*.PrivacyEngine.make_private_with_epsilon": _WRAPPED,
    },
)
