"""Gradient scalers: which iterations of theirs are known, and what is scaled or unscaled twice without an update.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.kinds import Kind

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def stepped_again(graph: EventGraph, step: Event) -> Trace | None:
    """A path from a scaler's step over its next backward to the step again, without an update of the scaler; None if it
    is disabled, or does not back-propagate in the same iteration."""
    scaler = step.object
    if scaler is None or scaler.options.get("enabled") is False:
        return None
    # Only then is the whole iteration known.
    if not any(event.object is scaler and graph.common(event, step) for event in graph.all(Kind.BACKWARD)):
        return None
    updated = graph.all(Kind.SCALER_UPDATE, Kind.REFERENCE, Kind.ESCAPE, Kind.MAKE, about=scaler)
    # In a loop over several optimizers the next iteration steps another one: the loop over batches is outside.
    several = {index for index in step.loops if graph.iterates_over_subject(step, index)}
    scaled = [e for e in graph.all(Kind.BACKWARD) if e.object is scaler and several.isdisjoint(e.loops)]
    path = graph.path(step, to=scaled, avoiding=updated)
    again = path and graph.path(path.events[-1], to=step, avoiding=updated)
    return path + again if path and again else None


def unscaled_again(graph: EventGraph) -> Iterator[tuple[Event, Trace]]:
    """Where the gradients of an optimizer are unscaled, with a path to the place where they are so again without an
    update or a step in between."""
    for unscale in graph.all(Kind.UNSCALE):
        scaler = unscale.object
        if scaler is None or scaler.options.get("enabled") is False or len(unscale.subjects) > 1:
            continue
        if any(graph.iterates_over_subject(unscale, scope) for scope in unscale.loops):
            continue
        updated = graph.all(Kind.SCALER_UPDATE, Kind.STEP, Kind.REFERENCE, Kind.ESCAPE, Kind.MAKE)
        updated = [e for e in updated if e.is_subject(scaler) or e.object is scaler or e.kind is Kind.STEP]
        others = [event for event in graph.all(Kind.UNSCALE, about=unscale.subject) if event.object is scaler]
        others.remove(unscale)
        again = graph.path(unscale, to=others, avoiding=updated)
        if again is None and _always(graph, unscale) and any(e.kind is Kind.SCALER_UPDATE for e in updated):
            again = graph.path(unscale, to=unscale, avoiding=updated, doubt=False)
        if again:
            yield unscale, again


def _always(graph: EventGraph, unscale: Event) -> bool:
    """Whether each iteration unscales: one that does so under a condition may do it where it steps."""
    return bool(unscale.loops) and not graph.conditional(unscale, within=unscale.loops[-1])
