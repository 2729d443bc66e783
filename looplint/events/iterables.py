"""What loops iterate over.

Functions of an event graph, which are its methods as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Type
from looplint.events.loop_scope import LoopScope

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def iterates_over_subject(event: Event, scope: LoopScope) -> bool:
    """Whether the loop iterates over several objects of which the event's subject is one: each iteration is about
    another."""
    if scope.function == event.function and event.written in re.findall(r"\w+", scope.target):
        return True
    over = scope.over
    if over is None or over is event.subject:
        return False
    if over.type is Type.COLLECTION and any(event.is_subject(part) for part in over.operands):
        return True
    # A loader and a network may share their settings; what a loader gives is none of several networks.
    several = over.type is not Type.LOADER and len(event.subjects) > 1 and any(map(over.related, event.subjects))
    return several or event.subject.comes_from(over)


def iterates_over_outputs(graph: EventGraph, scope: LoopScope) -> bool:
    """Whether the loop iterates over what a network predicted: over parts of one batch."""
    over = scope.over
    if over is None or over.type is Type.LOADER or Fact.ACTS in over.facts:
        return False  # a generator that trains goes over batches, whatever it yields
    return bool(graph.leading_to([over]))


def is_of_one_batch(event: Event, around: LoopScope) -> bool:
    """Whether the loop in which it occurs goes over a part of what the loop around it yields."""
    over, batches = event.loops[-1].over, around.over
    if over is None or batches is None or over is batches:
        return False
    return any(one.comes_from(batches) for thing in over.ancestry() for one in thing.owners())
