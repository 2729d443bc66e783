"""Words in bytes, and their surroundings."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable

Words = tuple[bytes, ...]
Kinds = tuple[str, ...]
"""Kinds of events by their values, `"STEP"`: the prefilter decides about files that need no event, and loads none."""

_SUITE = re.compile(rb"[ \t]*(?:if|elif|else|for|while|with|try|except|finally)\b.*: ")
_BRACKETS = re.compile(rb"[()\[\]{}]")
_LONGEST_CALL = 2000
"""Bytes of the arguments of a call."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """Words by which a file shows that it may hold events of these kinds, and groups of which it must contain one word
    each as well for a rule to report something there."""

    shows: Kinds
    words: Words
    besides: tuple[Words, ...] = ()

    def stands_in(self, data: bytes) -> bool:
        """Whether this code has one of the words, and one of each group besides."""
        return all(some(group, data) for group in self.besides) and some(self.words, data)


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """A form of code by which a part of a file shows the same. `stands_in`: given the part and the whole file."""

    shows: Kinds
    stands_in: Callable[[bytes, bytes], bool]


def some(words: Words, data: bytes) -> bool:
    """Whether one of these words occurs."""
    return any(word in data for word in words)


def last_names(dotted: Iterable[str]) -> Words:
    """The last parts of dotted names."""
    return tuple(sorted({name.rpartition(".")[2].encode() for name in dotted}))


def shortest(words: Iterable[bytes]) -> Words:
    """The words that contain no other one of them: they occur wherever the others do."""
    every = sorted(set(words))
    return tuple(word for word in every if not any(other in word for other in every if other != word))


def around(data: bytes, *words: bytes) -> Iterable[tuple[bytes, bytes]]:
    """The text before and after each occurrence of these words."""
    for word in words:
        if word in data:
            yield from itertools.pairwise(data.split(word))


def line_before(before: bytes) -> bytes:
    """The part of its statement before a word, on its row: behind a `;`, and behind the colon of an `if`."""
    line = before[before.rfind(b"\n") + 1 :]
    line = line[line.rfind(b";") + 1 :]
    suite = _SUITE.match(line) if b": " in line else None
    return line[suite.end() :] if suite else line


def after_call(after: bytes) -> bytes:
    """What follows a call, given what follows its opening bracket; nothing if it is a very long one."""
    depth = 1
    for bracket in _BRACKETS.finditer(after, 0, _LONGEST_CALL):
        depth += 1 if bracket[0] in b"([{" else -1
        if not depth:
            return after[bracket.end() :]
    return b""
