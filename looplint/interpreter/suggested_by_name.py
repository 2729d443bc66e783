"""What names suggest, where nothing better is known. Weak evidence: it never overrides other evidence."""

from __future__ import annotations

import functools

from looplint.events import Type
from looplint.knowledge.name_hints import CLEARS, GRADIENT, IN_PLURAL, LOSS, MAKES, TYPES


@functools.lru_cache(maxsize=8192)
def hint(name: str) -> Type:
    """The type that the last part of a dotted name suggests, `Type.UNKNOWN` if none. An element of optimizers
    (`optimizers[...]`) is one, a batch of a loader is not; `make_model` is a function."""
    whole = name.removesuffix("[...]")
    last = whole.rpartition(".")[2].strip("_")
    if MAKES.match(last):
        return Type.UNKNOWN
    for kind, pattern in TYPES:
        if pattern.search(last):
            return kind if whole == name or kind in IN_PLURAL else Type.UNKNOWN
    return Type.UNKNOWN


def is_loss(name: str) -> bool:
    """Whether the name is a usual one for a loss."""
    return LOSS.search(name.rpartition(".")[2]) is not None


def may_clear(name: str) -> bool:
    """Whether code that uses the name may clear gradients."""
    return name in GRADIENT or CLEARS.search(name) is not None
