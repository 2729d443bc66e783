"""skorch 1.4.0, run: a `NeuralNetClassifier` passes what its network returns to the criterion as it is, except to
`NLLLoss`, before which it takes the logarithm."""

from __future__ import annotations

from looplint.events import Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

_GRADES = (Effect(Kind.GRADE, returns=Returns.NEW),)

ROWS = LibraryRows(
    effects={"skorch.*.NeuralNetClassifier": _GRADES, "skorch.*.NeuralNetBinaryClassifier": _GRADES},
)
