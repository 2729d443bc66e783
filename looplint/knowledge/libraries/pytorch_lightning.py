"""pytorch-lightning 2.6.6, run: `fit` trains a module, and each part of it, in the mode in which it finds it."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

_FIT = (Effect(Kind.RUN, 0, keyword="model", how=How.TRAINED),)

ROWS = LibraryRows(effects={"lightning.*.Trainer.fit": _FIT, "pytorch_lightning.*.Trainer.fit": _FIT})
