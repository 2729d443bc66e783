"""torchdata 0.11.0, run: `StatefulDistributedSampler` shuffles by the epoch, as torch's own sampler does."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_SAMPLER = "torchdata.*.StatefulDistributedSampler"

ROWS = LibraryRows(
    types={_SAMPLER: Type.SAMPLER},
    facts={_SAMPLER: (Known(frozenset((Fact.ORDER_OF_EPOCH,)), ((Argument(3, "shuffle", True), (True,)),)),)},
)
