"""sentence-transformers 6.2.0, run: `encode` leaves the model in evaluation mode, and its result holds no graph; a loss
calls the model that it was made with."""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import Known, LibraryRows

_MODEL, _LOSSES = "sentence_transformers.*.SentenceTransformer", "sentence_transformers.*.*Loss"

ROWS = LibraryRows(
    effects={
        "sentence_transformers.*.encode": (Effect(Kind.EVAL, returns=Returns.DETACHED, how=How.SIDE_EFFECT),),
        "sentence_transformers.*.tokenize": (Effect(returns=Returns.NUMBER),),
    },
    types={_MODEL: Type.MODULE, "sentence_transformers.SentenceTransformer": Type.MODULE, _LOSSES: Type.MODULE},
    facts={_LOSSES: (Known(frozenset((Fact.RUNS_MODEL,))),)},
)
