"""Dataflow backwards: from a value to what it was computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from looplint.events.object import AbstractObject


def derivation(
    value: AbstractObject,
    *,
    through: Callable[[AbstractObject], Iterable[AbstractObject]] | None = None,
    to: Callable[[AbstractObject], bool] | None = None,
    until: Callable[[AbstractObject], bool] | None = None,
) -> Iterator[AbstractObject]:
    """Yield the value and what it was derived from, nearest step first, each object once.

    `through`: the next objects of an object, called after that object was yielded; by default its `origins`: its
    operands or, if they are unknown, its owner. The walk ends at objects for which `to` or `until` holds: those of `to`
    are yielded, those of `until` are not. `value.ancestry()` follows all operands to the end.
    """
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or (until is not None and until(one)):
            continue
        seen.add(id(one))
        yield one
        if to is None or not to(one):
            waiting += one.origins if through is None else through(one)
