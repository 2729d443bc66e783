"""peft 0.21.2, run: `get_peft_model` freezes the parameters of the model and adds others beside them, in place,
as `PeftModel.from_pretrained` does. The mode of the model stays what it was."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

_ADDED = (Effect(Kind.ASSIGN, 0, keyword="model", returns=Returns.FIRST, how=How.NEW_PARAMETERS),)

ROWS = LibraryRows(
    effects={
        "peft.*.get_peft_model": _ADDED,
        "peft.*.PeftModel.from_pretrained": _ADDED,
    },
)
