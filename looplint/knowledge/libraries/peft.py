"""peft 0.21.2, run: `get_peft_model` freezes the parameters of the model and adds others beside them, in place."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(
    effects={
        "peft.*.get_peft_model": (
            Effect(Kind.ASSIGN, 0, keyword="model", returns=Returns.FIRST, how=How.NEW_PARAMETERS),
        ),
    },
)
