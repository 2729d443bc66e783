"""heavyball 3.2.1, run: `step()` leaves `p.grad` None, unless the optimizer was constructed with
`consume_grad=False`."""

from __future__ import annotations

from looplint.events import Fact, Kind, Type
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Known, LibraryRows

_OPTIMIZERS = ("ADOPT", "AdamW", "LaProp", "Muon", "SFAdamW", "SGD", "SOAP")

ROWS = LibraryRows(
    types=dict.fromkeys((f"heavyball.*.{name}" for name in _OPTIMIZERS), Type.OPTIMIZER),
    facts={"heavyball.*.SFAdamW": (Known(frozenset((Fact.AVERAGES,))),)},
    effects={"heavyball.*.step": (Effect(Kind.STEP, then=Kind.CLEAR, made_with=("consume_grad", True, True)),)},
)
