"""pytorch-ignite 0.5.5, run: `Engine.run` calls the function that it was made with for each batch, and the handlers of
each event; `state.output` is what the function returned, with its graph. Modes and gradients are left to it.
`create_supervised_trainer` switches, clears, goes backward and steps by itself; its `output_transform` gets predictions
and loss with their graph."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

ROWS = LibraryRows(
    types={"ignite.*.Engine": Type.OTHER, "ignite.*.create_supervised_trainer": Type.OTHER},
    facts={
        "ignite.*.Engine": (Known(frozenset((Fact.RUNS_FUNCTION,))),),
        "ignite.*.create_supervised_trainer": (Known(frozenset((Fact.RUNS_FUNCTION, Fact.SUPERVISED))),),
    },
)
