"""Which networks the losses of a graph go back through, and where the gradients that they leave there are used.

Questions about an event graph, as its methods are; which losses reach the network of an optimizer is kept, since each
pair of steps asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.kinds import Kind, Type
from looplint.events.object import AbstractObject
from looplint.events.queries.loops.nearby import in_same_loop

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph

CLEARED = (Kind.CLEAR, Kind.REFERENCE)
"""What clears gradients, or is meant to: `zero_grad` without its parentheses."""

UNUSED = (*CLEARED, Kind.STEP)
"""Beside these, what uses them."""


class Reach:
    """The losses of a graph and the networks that they go back through. `steps`: those of one optimizer each; none if
    no loss goes back through two networks."""

    def __init__(self, graph: EventGraph) -> None:
        self._graph = graph
        self._through = {backward: predictions_behind(graph, backward) for backward in graph.all(Kind.BACKWARD)}
        self._shared = [b for b, predictions in self._through.items() if len({id(p.subject) for p in predictions}) > 1]
        self._reached: dict[AbstractObject, set[Event]] = {}
        self.steps = [step for step in graph.all(Kind.STEP) if steps_one(graph, step)] if self._shared else []

    def both(self, step: Event, other: Event) -> list[Event]:
        """The backwards through a network of each of two optimizers that share none: of their steps. Of many, only
        those in a loop with the other one."""
        mine, others = step.subject, other.subject
        # A pair of optimizers has few losses in common.
        common = self._reaching(mine) & self._reaching(others)
        if not common or mine.related(others):
            return []
        near = in_same_loop(other, [leak for leak in self._shared if leak in common])
        return [leak for leak in near if self._trained(leak, others, mine) and self._trained(leak, mine, others)]

    def leak(self, leak: Event, other: Event, step: Event) -> Trace | None:
        """A path from that backward over a step of the other optimizer and a backward of its own to the step, without
        a clear: the step uses gradients that were left for the other one."""
        mine = step.subject
        path = self._graph.path(leak, to=other, avoiding=UNUSED, about=mine)
        on = path and self._graph.path(other, to=self._own(leak, other, mine), avoiding=UNUSED, about=mine)
        last = on and self._graph.path(on.events[-1], to=step, avoiding=UNUSED, about=mine)
        return path + on + last if path and on and last else None

    def _own(self, leak: Event, other: Event, mine: AbstractObject) -> list[Event]:
        """The other backwards through the networks that `mine` trains."""
        others = other.subject
        first, second = self._trained(leak, others, mine), self._trained(leak, mine, others)
        # The loss of one of them back-propagates through both; that of the other one may not.
        deceives = any(one.leads_to(*two.inputs) for one in first for two in second)
        return [
            backward
            for backward in in_same_loop(other, list(self._through))
            if backward is not leak
            and self._trained(backward, mine, others)
            and (deceives or self._trained(backward, others, mine))
        ]

    def _reaching(self, optimizer: AbstractObject) -> set[Event]:
        """The backwards through several networks, of which one is a network of that optimizer."""
        if optimizer not in self._reached:
            self._reached[optimizer] = {
                leak for leak in self._shared if any(optimizer.related(p.subject) for p in self._through[leak])
            }
        return self._reached[optimizer]

    def _trained(self, backward: Event, optimizer: AbstractObject, other: AbstractObject) -> list[Event]:
        """The predictions behind a backward of an optimizer's network, and not of the other one's."""
        predictions = self._through[backward]
        return [p for p in predictions if optimizer.related(p.subject) and not other.related(p.subject)]


def is_switched(graph: EventGraph, optimizer: AbstractObject) -> bool:
    """Whether gradients are turned off and on again for the parameters of an optimizer."""
    return any(event.may_concern(optimizer) for event in graph.gradient_switches())


def steps_one(graph: EventGraph, step: Event) -> bool:
    """Whether one optimizer steps, possibly one of several made under a condition: not each of several in turn."""
    return len(step.subjects) == 1 or not any(graph.iterates_over_subject(step, scope) for scope in step.loops)


def predictions_behind(graph: EventGraph, backward: Event) -> list[Event]:
    """The predictions behind a backward; none if its call names the parameters."""
    if any(one.type in (Type.PARAMETERS, Type.COLLECTION) and not backward.is_subject(one) for one in backward.inputs):
        return []
    led = graph.leading_to(backward.subjects)
    return [predict for predict in led if not graph.unrecorded(predict)]
