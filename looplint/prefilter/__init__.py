"""Skips files that cannot contain a mistake: a search for bytes that every mistake needs, before any parsing.

A finding is reported at an event, and an event at a word of its file. Words that occur in most files of a kind (the
`no_grad` of an initialisation, `super().forward`) count only beside another one that the mistake needs as well. A
search for one word reads a gigabyte per second, a regular expression a tenth of it: words come first, and many share a
gate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from enum import Flag

from looplint.knowledge.step_methods import CALLBACK_PACKAGES
from looplint.prefilter import classes, loops
from looplint.prefilter.strip_comments import code
from looplint.prefilter.words import some

__all__ = ["Need", "about_torch", "classes", "code", "need", "offers", "sites", "step_sites", "steps", "trains"]


class Need(Flag):
    """The parts of a file that have to be analysed: its training loops, its module classes, both or nothing."""

    NOTHING = 0
    LOOPS = 1
    CLASSES = 2
    ALL = 3


_TORCH = (b"torch", b".backward(", b".zero_grad", *(name.encode() for name in CALLBACK_PACKAGES))
"""Words, one of which a file about torch contains."""

_COMMENT = b"looplint:"
_EXPORTED = (b"nn.Module", b"Module)", b"optim.", b"DataLoader")
_DERIVED = re.compile(
    rb"^class \w+\((?!(?:\w+\.)?(?:object|\w*Enum|\w*Dict|ABC|NamedTuple|Protocol|\w*Error|Exception)\b)", re.M
)
_SILENCED = re.compile(rb"(?i:noqa)[^\n]*LOOP")


def need(data: bytes, kinds: Collection[str] | None = None) -> Need:
    """The need for analysis of a Python file with these bytes. `kinds`: the kinds of events that the rules in use
    need; None for those of every rule."""
    if not about_torch(data):
        return Need.ALL if _COMMENT in data else Need.NOTHING
    # Suppression comments are checked in any file.
    if _COMMENT in data or (b"LOOP" in data and _SILENCED.search(data)):
        return Need.ALL
    data = code(data)
    found = Need.NOTHING
    if loops.shows(data, kinds):
        found |= Need.LOOPS
    if classes.shows(data, kinds):
        found |= Need.CLASSES
    return found


def about_torch(data: bytes) -> bool:
    """Whether a Python file with these bytes may use torch, or a library that trains with it."""
    return some(_TORCH, data)


def sites(data: bytes) -> Callable[[bytes], bool]:
    """A predicate: whether a part of this code may contain a mistake."""
    # What the whole does not hold, no part does.
    words, forms = loops.words(data), loops.forms(data)
    return lambda part: some(words, part) or any(form.stands_in(part, data) for form in forms)


def may_export(data: bytes) -> bool:
    """Whether a Python file with these bytes may export what its importers are judged by: modules, optimizers, loaders,
    training steps, or a class with a base, which may be a module."""
    if some(_EXPORTED, data) or _DERIVED.search(data) is not None:
        return True
    return steps(data)


def steps(data: bytes) -> bool:
    """Whether code with these bytes clears, steps or back-propagates."""
    return any(row.stands_in(data) for row in loops.STEPS)


def step_sites(data: bytes) -> Callable[[bytes], bool]:
    """A predicate: whether a part of this code clears, steps or back-propagates."""
    rows = [row for row in loops.STEPS if row.stands_in(data)]
    return lambda part: any(row.stands_in(part) for row in rows)


def loops_over_calls(data: bytes) -> bool:
    """Whether a file imports something and has a loop: a callee may contain training."""
    return b"import" in data and (b"for " in data or b"while " in data)


def trains(data: bytes) -> bool:
    """Whether this code is about training, so that any of its parts may contain a mistake."""
    rows = [row.stands_in(data) for row in loops.STEPS]
    return loops.VALIDATION.stands_in(data) or sum(rows) > 1 or (any(rows) and b"epoch" in data)
