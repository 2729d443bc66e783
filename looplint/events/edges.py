"""What leads from event to event: edges with their conditions, branches, and a way through them."""

from __future__ import annotations

import dataclasses

from looplint.events.event import Event


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """A condition that holds on an edge. `since`: the node before which everything it reads was bound."""

    condition: str
    holds: bool
    since: int = -1


@dataclasses.dataclass(frozen=True, slots=True)
class Edge:
    target: int
    guard: Guard | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Branch:
    """A place where the way parts: each arm is a half-open range of nodes and begins with a node of its own."""

    node: int
    arms: tuple[tuple[int, int], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Trace:
    """A way through the loop: the events that matter on it, in order, each with what is to be said of it."""

    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()

    def with_notes(self, *notes: str) -> Trace:
        """The same way, with a note for each of its events (an empty note leaves the place out of the report)."""
        return Trace(self.events, notes)

    def __add__(self, other: Trace) -> Trace:
        """This way, then the other; an event that ends one and begins the other stands once."""
        skip = 1 if self.events and other.events and self.events[-1] is other.events[0] else 0
        return Trace(self.events + other.events[skip:], self.notes + other.notes[skip:])
