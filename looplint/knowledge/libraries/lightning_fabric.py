"""lightning-fabric 2.6.6, run: with "bf16-mixed" or "16-mixed" `loss.backward()` raises and names `fabric.backward`.

With "16-mixed" it multiplies the loss by a scale, which the optimizer that `setup` returned divides by (its source).
With "ddp" gradients are averaged only if what `setup` returned is called, not its `.module`.
"""

from __future__ import annotations

from looplint.events import Fact
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_MIXED = ("16-mixed", "bf16-mixed", 16, "16", "bf16")
_SCALED = ("16-mixed", 16, "16")
_SEVERAL_PROCESSES = ("ddp", "ddp_fork", "ddp_notebook", "ddp_spawn")
_FACTS = (
    Known(frozenset((Fact.OWN_BACKWARD,)), ((Argument(4, "precision", None), _MIXED),)),
    Known(frozenset((Fact.SCALES_LOSSES,)), ((Argument(4, "precision", None), _SCALED),)),
    Known(frozenset((Fact.AVERAGES_GRADIENTS,)), ((Argument(1, "strategy", None), _SEVERAL_PROCESSES),)),
)

ROWS = LibraryRows(facts=dict.fromkeys(("lightning.Fabric", "lightning.fabric.Fabric"), _FACTS))
