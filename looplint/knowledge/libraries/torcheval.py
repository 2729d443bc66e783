"""torcheval 0.0.7, run: `Mean` keeps no graph."""

from __future__ import annotations

from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(effects={"torcheval.*.update": (Effect(),)})
