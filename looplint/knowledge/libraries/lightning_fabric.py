"""lightning-fabric 2.6.6, run: with "bf16-mixed" or "16-mixed" `loss.backward()` raises and names `fabric.backward`."""

from __future__ import annotations

from looplint.events import Fact
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_MIXED = ("16-mixed", "bf16-mixed", 16, "16", "bf16")
_OWN_BACKWARD = (Known(frozenset((Fact.OWN_BACKWARD,)), ((Argument(4, "precision", None), _MIXED),)),)

ROWS = LibraryRows(facts=dict.fromkeys(("lightning.Fabric", "lightning.fabric.Fabric"), _OWN_BACKWARD))
