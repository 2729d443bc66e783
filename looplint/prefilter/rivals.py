"""Files about the training loops of other packages than torch."""

from __future__ import annotations

from collections.abc import Iterable

from looplint.knowledge.torch_types import RIVALS, TORCH


def about_a_rival(kind: str, imports: Iterable[tuple[int, str, object]]) -> bool:
    """Whether a file is about another package whose loops look the same: it imports that one and not torch, or it is a
    document that shows both, so that names are ambiguous.

    `kind`: of the source, `"markdown"` for a document. `imports`: level (0 for absolute ones), dotted name of the
    module, and further data.
    """
    packages = {dotted.partition(".")[0] for level, dotted, _ in imports if not level}
    if packages.isdisjoint(RIVALS):
        return False
    return kind == "markdown" or packages.isdisjoint(TORCH)
