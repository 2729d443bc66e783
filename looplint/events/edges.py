"""Control flow: edges with their conditions, branches, and the path that a rule shows as evidence."""

from __future__ import annotations

import dataclasses

from looplint.events.event import Event


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """A condition that holds on an edge. `since`: the node index before which everything it reads was bound."""

    condition: str
    holds: bool
    since: int = -1


@dataclasses.dataclass(frozen=True, slots=True)
class Edge:
    """Control may pass to the node `target`; with a guard, only where its condition is as it says."""

    target: int
    guard: Guard | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Branch:
    """A branch point. Each arm is a half-open range of node indices that starts with a node of its own."""

    node: int
    arms: tuple[tuple[int, int], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Trace:
    """A path through the loop as evidence: the events that matter on it, in order, each with its note."""

    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()

    def with_notes(self, *notes: str) -> Trace:
        """The same path, with one note per event; an event with an empty note is left out of the report."""
        return Trace(self.events, notes)

    def __add__(self, other: Trace) -> Trace:
        """This path followed by the other; an event that ends one and starts the other appears once."""
        skip = 1 if self.events and other.events and self.events[-1] is other.events[0] else 0
        return Trace(self.events + other.events[skip:], self.notes + other.notes[skip:])
