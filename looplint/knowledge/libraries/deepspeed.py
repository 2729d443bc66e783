"""deepspeed 0.19.8, run with ZeRO 0, 1 and 2: `engine.step()` steps and clears, at the last micro-batch of an update;
nothing else moves the parameters. The `step` of the optimizer that `initialize` returns steps, too."""

from __future__ import annotations

from looplint.events import Kind
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

# It clears with ZeRO only; which one is used is in a configuration that is not read.
ROWS = LibraryRows(effects={"deepspeed.optimizer.step": (Effect(Kind.STEP, then=Kind.CLEAR),)})
