"""What a value was derived from: the walk from a result back to what went into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from looplint.events.object import AbstractObject


def derivation(
    value: AbstractObject,
    *,
    through: Callable[[AbstractObject], Iterable[AbstractObject]] | None = None,
    until: Callable[[AbstractObject], bool] | None = None,
) -> Iterator[AbstractObject]:
    """The value, and what it was derived from, step by step, each object once.

    `through`: what the walk goes on to from an object, asked after the object was given out; by default its `origins`:
    its operands or, where these are not known, what it is a part of. `until`: objects at which the walk ends; they are
    not given out. `value.ancestry()` is the walk through all operands, to the end.
    """
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or (until is not None and until(one)):
            continue
        seen.add(id(one))
        yield one
        waiting += one.origins if through is None else through(one)
