"""Files about the loops of another package than torch."""

from __future__ import annotations

from collections.abc import Iterable

from looplint.knowledge.torch import RIVALS, TORCH


def about_a_rival(kind: str, imports: Iterable[tuple[int, str, object]]) -> bool:
    """Whether a file is about another package's loops, which look the same: it imports that one and not torch, or it
    is a document that shows one after the other, so that a name means now this package's, now that one's.

    `kind`: of the source, `"markdown"` for a document. `imports`: level (0 for absolute ones), dotted name of the
    module, and what else is known of each."""
    packages = {dotted.partition(".")[0] for level, dotted, _ in imports if not level}
    if packages.isdisjoint(RIVALS):
        return False
    return kind == "markdown" or packages.isdisjoint(TORCH)
