"""captum 0.9.0, run: an attribution runs the model in the mode that it is in; with dropout two of one input differ."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(
    effects={"captum.*.attribute": (Effect(Kind.RUN, how=How.EXPLAINED, returns=Returns.DERIVED),)},
)
