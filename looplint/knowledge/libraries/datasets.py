"""datasets 5.2.0, run: a shuffled stream has the same order in all epochs, unless `set_epoch` is called on it."""

from __future__ import annotations

from looplint.events import Fact, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import Known, LibraryRows

_STREAM, _SHUFFLED = "datasets.IterableDataset", "datasets.IterableDataset.shuffle"
_MAKES = Effect(makes=_STREAM)
_CHANGED = (
    "cast cast_column filter map remove_columns rename_column rename_columns select_columns shard skip take with_format"
)

ROWS = LibraryRows(
    effects={
        "datasets.*.to_iterable_dataset": (_MAKES,),
        "datasets.IterableDataset.from_generator": (_MAKES,),
        "datasets.load_dataset": (Effect(makes=_STREAM, made_with=("streaming", False, False)),),
        "datasets.distributed.split_dataset_by_node": (Effect(returns=Returns.FIRST),),
        "datasets.*.IterableDataset.shuffle": (Effect(makes=_SHUFFLED),),
        _SHUFFLED: (Effect(makes=_SHUFFLED),),
        "datasets.*.set_epoch": (Effect(Kind.SET_EPOCH),),
    }
    | dict.fromkeys((f"datasets.*.{name}" for name in _CHANGED.split()), (Effect(returns=Returns.SELF),)),
    types={_STREAM: Type.LOADER, _SHUFFLED: Type.LOADER},
    facts={_SHUFFLED: (Known(frozenset((Fact.ORDER_OF_EPOCH,))),)},
)
