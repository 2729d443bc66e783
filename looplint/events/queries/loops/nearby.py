"""The events to compare with where a long function has many: questions about each pair of them cost too much."""

from __future__ import annotations

from collections.abc import Sequence

from looplint.events.event import Event

MANY = 16
"""Events up to which all are compared, in source order. Functions with more are rare, and long: a hundred losses or
switches, each in a loop of its own."""


def nearest_before(event: Event, events: Sequence[Event]) -> list[Event]:
    """The events, where they are many those before `event` first, the nearest of them foremost."""
    if len(events) <= MANY:
        return list(events)
    return sorted(events, key=lambda one: (one.node > event.node, abs(one.node - event.node)))


def in_same_loop(event: Event, events: Sequence[Event]) -> list[Event]:
    """The events, where they are many only those that lie in a `for` or `while` statement with `event`."""
    if len(events) <= MANY:
        return list(events)
    around = {scope for scope in event.loops if scope.is_written}
    return [one for one in events if not around.isdisjoint(one.loops)]
