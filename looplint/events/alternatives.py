"""Which events can happen together, by the conditions around them.

Functions of an event graph; the public ones are its methods as well.
"""

from __future__ import annotations

import itertools
import keyword
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph

_COMPARISON = re.compile(r"(.+) == ([-\w.]+|'[^']*') (\[.*\])$")
"""A condition that compares a value with a constant, and when the names in it were bound."""


def can_meet(graph: EventGraph, event: Event, *things: AbstractObject) -> bool:
    """Whether the event can happen with all of these objects, by the conditions under which they and the modules
    and criteria that they were built from are created: `criterion = A() if kind == "a" else B()` leaves no `B`
    where `kind == "a"`. Raises TooLarge."""
    kinds = (Type.MODULE, Type.CRITERION)
    used = {id(one) for thing in things for one in thing.ancestry() if one.type in kinds}
    made = [e for e in graph.all(Kind.MAKE) if id(e.subject) in used and e.node < event.node]
    met = [*filter(graph.conditional, made), event]
    feasible = all(
        # What is made in one call of a function is gone in the next.
        graph.path(first, to=later, within=next((s for s in graph.common(first, later) if s.is_call), None))
        for first, later in itertools.combinations(met, 2)
    )
    return feasible and not _may_be_excluded(graph, event, [e for e in made if e.subject is event.subject])


def exclusive(graph: EventGraph, event: Event, other: Event) -> bool:
    """Whether two events cannot happen in the same iteration: their conditions compare the same value with
    different constants (`i % 2 == 0` and `i % 2 == 1`)."""
    mine, theirs = _compared(graph, event), _compared(graph, other)
    return any(value in theirs and theirs[value] != constant for value, constant in mine.items())


def _compared(graph: EventGraph, event: Event) -> dict[tuple[str, str], str]:
    """The values that the conditions around an event compare with constants."""
    arms = [(branch.node, arm[0]) for branch in graph.branches for arm in branch.arms if arm[0] <= event.node < arm[1]]
    guards = [e.guard for node, first in arms for e in graph.edges[node] if e.target == first and e.guard]
    found = [_COMPARISON.match(guard.condition) for guard in guards if guard.holds]
    return {(match[1], match[3]): match[2] for match in found if match}


def _may_be_excluded(graph: EventGraph, event: Event, made: Collection[Event]) -> bool:
    """Whether the event is about one of several subjects, by a choice that may be the one which chose what comes
    before it: a key chose the class, or it is not known where they are made, or the condition around the event asks
    for the same in other words (`args.loss` and `graph.args.loss`)."""
    same = graph.alternatives(event)
    if _are_chosen_by_key(graph, same):
        return True
    asked, decided = conditions(graph, same), conditions(graph, made)
    if len(same) == 1 or not asked:
        return False
    return not made or (asked.isdisjoint(decided) and not _last_names(asked).isdisjoint(_last_names(decided)))


def _are_chosen_by_key(graph: EventGraph, events: Sequence[Event]) -> bool:
    """Whether one expression creates the subjects of these events: `LOSSES[name]()`, where the same name may choose
    what comes before it. In `for loss in (A, B): loss()` each has its turn: the expression reads a target of a loop
    around it in the same function."""
    subjects = {id(event.subject) for event in events}
    made = [make for make in graph.all(Kind.MAKE) if id(make.subject) in subjects]
    if any(_names(scope.target) & _names(make.place.text) for make in made for scope in _own_loops(make)):
        return False
    return len(subjects) > 1 and len({make.place for make in made}) == 1


def _own_loops(event: Event) -> list[LoopScope]:
    """The loops around an event in its own function, whose targets are names there."""
    return [scope for scope in event.loops if scope.function == event.function]


def _names(code: str) -> set[str]:
    """The variables in a piece of code: no attributes, and nothing inside of strings."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", code)
    return {name for name in re.findall(r"(?<![\w.])[^\W\d]\w*", plain) if not keyword.iskeyword(name)}


def conditions(graph: EventGraph, events: Collection[Event]) -> set[str]:
    """The conditions under which all of these events happen, as written: those of the arms around them."""
    first, last = min((e.node for e in events), default=0), max((e.node for e in events), default=-1)
    arms = [
        (branch.node, low) for branch in graph.branches for low, high in branch.arms if low <= first and last < high
    ]
    edges = (edge for node, low in arms for edge in graph.edges[node] if edge.target == low)
    return {edge.guard.condition for edge in edges if edge.guard is not None} if events else set()


def _last_names(written: Collection[str]) -> set[str]:
    """The last names of what conditions read: `loss` of `self.args.loss == 'mse'`."""
    code = (condition.partition(" [")[0] for condition in written)
    found = {name for text in code for name in re.findall(r"(?:\w+\.)*\b([^\W\d]\w*)\b(?!['\".])", text)}
    return {name for name in found if not keyword.iskeyword(name)}
