"""Schedulers: whose rates they move, in which loop they step, and whether a schedule begins anew.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.options import Option

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def moves_rates_of(schedule: Event, step: Event) -> bool:
    """Whether the scheduler may change the rates of the optimizer that steps."""
    known = [thing for thing in schedule.subject.ancestry() if thing.type is Type.OPTIMIZER]
    return not known or any(thing is step.subject or thing.related(step.subject) for thing in known)


def stepping_loop(graph: EventGraph, schedule: Event) -> LoopScope:
    """The loop that steps the scheduler: not one that only iterates over several schedulers."""
    inner = schedule.loops[-1]
    several = inner.over is not None and any(
        one is schedule.subject or one.type is Type.SCHEDULER for one in (inner.over, *inner.over.operands)
    )
    return schedule.loops[-2] if several and len(schedule.loops) > 1 else schedule.loops[-1]


def resumes_anew(graph: EventGraph, make: Event, loads: list[Event]) -> Trace | None:
    """A path to a step of the scheduler in a loop that begins with what the same checkpoint says; None if it steps
    elsewhere, too, gets the epoch as an argument, or may be set by other code."""
    scheduler = make.subject
    steps = graph.all(Kind.SCHEDULE, about=scheduler)
    given = any(step.options.get(Option.ARGUMENT) for step in steps)
    touched = graph.all(Kind.ASSIGN, Kind.READ, Kind.ESCAPE, about=scheduler)
    saved = {id(one) for load in loads for given in load.inputs for one in _made_of(given)}
    scopes = [scope for step in steps for scope in step.loops if _begins(scope, saved)]
    kept = {e.how for e in graph.all(Kind.ASSIGN) if e.object and any(id(one) in saved for one in _made_of(e.object))}
    if kept & _read_for(graph, make):
        return None  # what the checkpoint says of the schedule may be passed to it
    if Fact.KEEPS_RATE in scheduler.facts:
        return None  # its rate is the optimizer's; only the patience begins anew
    if not scopes or given or touched or any(scopes[0] not in step.loops for step in steps):
        return None
    if scopes[0] in make.loops:
        return None  # a schedule of one epoch, such as a warmup of the first one
    starts = re.findall(r"\w+", scopes[0].first[1] if scopes[0].first else "")
    if _read_for(graph, make) & {*starts} - {"self"}:
        return None
    return graph.path(make, to=steps)


def _read_for(graph: EventGraph, make: Event) -> set[str]:
    """The names in what makes an object, in the calls that lead there, and in the conditions around it."""
    written = [make.movable, *(site.text for site in make.calls), *graph.conditions(make)]
    return {name for text in written for name in re.findall(r"\w+", text)}


def _begins(scope: LoopScope, saved: set[int]) -> bool:
    begins = scope.over.options.get(Option.BEGINS) if scope.over is not None else None
    return isinstance(begins, tuple) and any(id(one) in saved for start in begins for one in _made_of(start))


def _made_of(thing: AbstractObject) -> Iterator[AbstractObject]:
    """A value, what it was computed from, and what these are parts of."""
    return (owner for one in thing.ancestry() for owner in one.owners())
