"""Gradients of several micro-batches that one step uses.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.contexts import Context
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def accumulates(graph: EventGraph, clear: Event, step: Event) -> bool:
    """Whether the optimizer that is cleared steps for several micro-batches at once."""
    outside = clear.loops[: len(step.loops)] == step.loops != clear.loops
    if not (graph.inside(clear, Context.ACCUMULATE) or outside or graph.inside(step, Context.PERIODIC)):
        return False
    return clear.is_part_of(step.subject)


def micro_batches(graph: EventGraph, clear: Event, waits: bool) -> Iterator[Event]:
    """The backwards of micro-batches for which the gradients are cleared."""
    for backward in graph.all(Kind.BACKWARD):
        # Under its own condition, it may clear before the first micro-batch only.
        apart = clear.loops[: len(backward.loops)] != backward.loops
        # Gradients set by hand, one by one, are no micro-batches.
        if apart or backward.how == How.GRADIENT or graph.conditional(clear, unlike=backward):
            continue
        if not waits or graph.path(clear, to=backward, within=graph.innermost(clear)):
            yield backward


def optimizers_wait(graph: EventGraph, schedule: Event) -> bool:
    """Whether Accelerate makes prepared optimizers wait here, and the scheduler was not prepared."""
    made = [make.subject for make in graph.all(Kind.MAKE) if Fact.ACCUMULATES in make.subject.facts]
    return bool(made) and graph.inside(schedule, Context.ACCUMULATE) and Fact.PREPARED not in schedule.subject.facts


def micro_batches_beside(graph: EventGraph, schedule: Event) -> list[Event]:
    """The backwards beside a scheduler's step, in the same loop; none if all of them are conditional there."""
    inner = graph.innermost(schedule)
    found = [e for e in graph.in_iteration(inner, Kind.BACKWARD) if e.loops == schedule.loops] if inner else []
    return [] if all(graph.conditional(e, within=inner) for e in found) else found
