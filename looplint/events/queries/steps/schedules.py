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


def optimizer_of(make: Event) -> AbstractObject:
    """The optimizer that a scheduler was made with."""
    return make.subject.operands[0]


def _known(graph: EventGraph) -> list[Event]:
    """Where the schedulers and optimizers that are certain are made or, if they are made elsewhere, first step."""
    first = {event.subject: event for event in reversed(graph.all(Kind.SCHEDULE, Kind.STEP))}
    first |= {make.subject: make for make in graph.all(Kind.MAKE)}
    return [event for thing, event in first.items() if thing.certain]


def _schedulers(known: list[Event]) -> list[Event]:
    return [event for event in known if event.subject.type is Type.SCHEDULER and event.subject.operands]


def without_scheduler(graph: EventGraph) -> list[Event]:
    """Where optimizers are made, or first step, that step and have no scheduler; none if schedulers are joined."""
    known = _known(graph)
    made = _schedulers(known)
    if any(source.type is Type.COLLECTION for make in made for source in make.subject.operands):
        return []
    scheduled = {id(optimizer_of(make)) for make in made}
    bare = (e for e in known if e.subject.type is Type.OPTIMIZER and id(e.subject) not in scheduled)
    return [e for e in bare if graph.all(Kind.STEP, about=e.subject) or Fact.OF_FRAMEWORK in e.subject.facts]


def schedulers_of_one(graph: EventGraph) -> Iterator[tuple[Event, Event]]:
    """Where two schedulers of the same class are made for one optimizer, and both step."""
    made = _schedulers(_known(graph))
    for first, second in ((a, b) for a in made for b in made if a.node < b.node):
        alike = first.subject.constructor == second.subject.constructor and first.kind is second.kind
        if alike and optimizer_of(first) is optimizer_of(second) and optimizer_of(first).type is Type.OPTIMIZER:
            if _both_step(graph, first, second):
                yield first, second


def _both_step(graph: EventGraph, first: Event, second: Event) -> bool:
    """Whether both are constructed, and then step in the same code."""
    if graph.conditional(first, unlike=second) or graph.conditional(second, unlike=first):
        return False
    if Fact.OF_FRAMEWORK in optimizer_of(first).facts:
        return first.kind is Kind.MAKE and first.function == second.function
    moved = graph.all(Kind.SCHEDULE, about=first.subject)
    also = graph.all(Kind.SCHEDULE, about=second.subject)
    behind = second.node if second.kind is Kind.MAKE else first.node - 1
    return any(one.loops == other.loops and one.node > behind for one in moved for other in also)


def replaced_behind(graph: EventGraph) -> Iterator[tuple[Event, AbstractObject, Trace]]:
    """Where schedulers are made whose optimizer is never used, as another one of the same name is made behind, and
    steps: each with that optimizer and a path to a step of the scheduler."""
    made = {make.subject: make for make in graph.all(Kind.MAKE)}
    optimizers = [thing for thing in made if thing.type is Type.OPTIMIZER]
    used = graph.all(Kind.STEP, Kind.READ, Kind.ESCAPE, Kind.REFERENCE)
    for scheduler, make in made.items():
        if scheduler.type is not Type.SCHEDULER or not scheduler.operands or optimizer_of(make) not in made:
            continue
        old = optimizer_of(make)
        # A later one that wraps it shares its groups.
        wrapped = any(one is not old and old in one.ancestry() for one in optimizers)
        if wrapped or any(event.is_subject(old) for event in used):
            continue
        inner = make.loops[-1] if make.loops else None
        anew = [one for one in optimizers if one.name == old.name and made[one].node > make.node]
        later = [one for one in anew if one.related(old) and graph.path(make, to=made[one], within=inner)]
        steps = [step for step in graph.all(Kind.STEP) if any(step.is_subject(one) for one in later)]
        moves = graph.all(Kind.SCHEDULE, about=scheduler)
        if steps and (path := graph.path(make, to=moves, avoiding=graph.all(Kind.LOAD, about=scheduler))):
            yield make, old, path
