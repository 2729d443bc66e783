"""Changes of a text: applied together, or computed from an old and a new text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher


class Refused(Exception):
    """A fix that cannot be applied without harm; the message completes the sentence "not fixed, because ..."."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Change:
    """The text between two offsets (end exclusive) becomes `content`."""

    start: int
    end: int
    content: str = dataclasses.field(compare=False)


def splice(text: str, parts: Iterable[Change]) -> str:
    """Apply the changes to this text; those at one place in their order. Raises Refused on overlaps."""
    pieces, at = [], 0
    for part in sorted(parts):
        if part.start < at:
            raise Refused("its changes overlap")
        pieces += [text[at : part.start], part.content]
        at = part.end
    return "".join([*pieces, text[at:]])


def differences(old: str, new: str) -> list[Change]:
    """Small changes that turn the old text into the new one."""
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (old, new))
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    head = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    if head is None:
        head = min(len(before), len(after))
    rest = min(len(before), len(after)) - head
    tail = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    window = before[head : len(before) - tail], after[head : len(after) - tail]
    found: list[Change] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, *window, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        here, there = window[0][start:end], window[1][new_start:new_end]
        if len(here) == len(there):
            for row, pair in enumerate(zip(here, there, strict=True), start):
                found += trimmed(*pair, starts[head + row])
        else:
            found += trimmed("".join(here), "".join(there), starts[head + start])
    return found


def trimmed(old: str, new: str, at: int) -> Iterator[Change]:
    """The change of a text at an offset without the common text at both ends; nothing for equal texts."""
    if old == new:
        return
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    yield Change(at + head, at + len(old) - tail, new[head : len(new) - tail])
