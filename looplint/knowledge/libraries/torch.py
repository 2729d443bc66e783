"""torch 2.13.0, run: `fully_shard` replaces the parameters of the module by sharded ones, in place.

`AveragedModel.update_parameters` moves the average towards the weights that the model has at that time.
"""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(
    effects={
        "torch.optim.swa_utils.AveragedModel.update_parameters": (Effect(Kind.TRACK),),
        "torch.distributed.fsdp.fully_shard": (
            Effect(Kind.ASSIGN, 0, keyword="module", returns=Returns.FIRST, how=How.NEW_PARAMETERS),
        ),
    },
)
