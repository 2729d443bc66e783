"""grokfast-pytorch 0.0.11, run: `step()` adds an average of earlier gradients to `p.grad`."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_OPTIMIZER = "grokfast_pytorch.*.GrokFastAdamW"

ROWS = LibraryRows(
    types={"grokfast_pytorch.GrokFastAdamW": Type.OPTIMIZER, _OPTIMIZER: Type.OPTIMIZER},
    facts={_OPTIMIZER: (Known(frozenset((Fact.CHANGES_GRADIENTS,))),)},
)
