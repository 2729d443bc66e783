"""Words in bytes, and their surroundings."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable

Words = tuple[bytes, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """Words at which a mistake may be reported, and groups of which the file must contain one word each as well."""

    words: Words
    besides: tuple[Words, ...] = ()

    def stands_in(self, data: bytes) -> bool:
        return all(some(group, data) for group in self.besides) and some(self.words, data)


def some(words: Words, data: bytes) -> bool:
    """Whether one of these words occurs."""
    return any(word in data for word in words)


def last_names(dotted: Iterable[str]) -> Words:
    """The last parts of dotted names."""
    return tuple(sorted({name.rpartition(".")[2].encode() for name in dotted}))


def around(data: bytes, *words: bytes) -> Iterable[tuple[bytes, bytes]]:
    """The text before and after each occurrence of these words."""
    for word in words:
        if word in data:
            yield from itertools.pairwise(data.split(word))


def line_before(before: bytes) -> bytes:
    """The part of its line before a word."""
    return before[before.rfind(b"\n") + 1 :]
