"""The terms of a loss: which networks each of them reaches, and which of them have no graph.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from looplint.events.derivation import derivation
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Graph, Kind, Type
from looplint.events.object import AbstractObject
from looplint.events.queries.gradients.autograd import has_no_graph

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def terms_for_others(
    graph: EventGraph, backward: Event, optimizers: Sequence[AbstractObject]
) -> Iterator[tuple[Event, list[AbstractObject]]]:
    """The terms of a loss, each the event of a criterion, that reach only networks of optimizers which do not use these
    gradients, beside a term that reaches a network of one which does: each with the optimizers that use them."""
    terms = [g for g in graph.all(Kind.GRADE) if g.loops == backward.loops and g.leads_to(*backward.subjects)]
    if len(terms) < 2:
        return
    used = [one for one in optimizers if graph.path(backward, to=Kind.STEP, avoiding=Kind.CLEAR, about=one)]
    predictions = [p for p in graph.all(Kind.PREDICT) if not graph.unrecorded(p)]
    reach = {term: [p.subject for p in predictions if p.leads_to(*term.inputs)] for term in terms}
    if not used or not any(_trained(networks, used) for networks in reach.values()):
        return
    for term, networks in reach.items():
        if not networks or _trained(networks, used):
            continue
        held = all(_trained([network], optimizers) for network in networks)
        if held and all(given.graph is not Graph.UNKNOWN for given in term.inputs):
            yield term, used


def _trained(networks: Sequence[AbstractObject], optimizers: Sequence[AbstractObject]) -> bool:
    return any(optimizer.related(network) for network in networks for optimizer in optimizers)


def terms_without_graph(graph: EventGraph, backward: Event) -> Iterator[tuple[Event, str]]:
    """The events that compute a term without a graph, of what was predicted for this update, beside terms that have
    one: each with how it lost its graph."""
    parts = [part for loss in backward.subjects for part in derivation(loss, through=_summands)]
    summed = {id(part) for part in parts}
    if not any(part.graph is Graph.YES and part not in backward.subjects for part in parts):
        return
    recorded = {id(out) for made in graph.trainings() for out in made.outputs if made.loops == backward.loops}
    graded = [grade for grade in graph.all(Kind.GRADE) if grade.loops == backward.loops]
    without = [one for one in parts if one.graph is Graph.NO and one.type is not Type.NUMBER]
    without = [one for one in without if not any(grade.leads_to(one) for grade in graded)]
    for term in graph.all(Kind.GRADE, Kind.PREDICT):
        if term.loops != backward.loops:
            continue
        # What a network predicts without recording may be a weight; a whole term that is computed of it is meant.
        whole = term.outputs if term.kind is Kind.GRADE else _means_of(term, without)
        summand = any(id(out) in summed for out in whole) and not any(out.graph is Graph.YES for out in whole)
        if summand and (cut := _cut_off(graph, term, recorded)):
            yield term, cut


def _means_of(predict: Event, terms: Sequence[AbstractObject]) -> list[AbstractObject]:
    """The terms that are a mean of what a network predicts."""
    return [term for term in terms if Fact.BATCH_MEAN in term.facts and predict.leads_to(term)]


def _summands(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    return thing.operands if Fact.TERMS in thing.facts else ()


def _cut_off(graph: EventGraph, term: Event, recorded: Collection[int]) -> str:
    """How a term lost the graph of what it was computed of."""
    made_of = [one for given in term.inputs for one in given.ancestry()]
    if graph.unrecorded(term):
        return "it was computed without recording" if any(id(one) in recorded for one in made_of) else ""
    batches = graph.iterables()
    detached = any(Fact.CUT_OFF in one.facts for one in term.inputs)
    without = detached and all(has_no_graph(one, batches) for one in term.inputs)
    return "it was computed of detached values" if without else ""
