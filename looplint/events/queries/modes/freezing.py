"""Which parts of a network are kept in evaluation mode, and what undoes it.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.derivation import derivation
from looplint.events.edges import Trace
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Kind
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def belongs_to(part: AbstractObject, whole: AbstractObject) -> bool:
    """Whether it is a part of the whole, or one of its `modules()`: not the whole itself, nor what is made of it."""
    selected = [one for one in derivation(part) if Fact.PARTS in one.facts]
    held = [part, *(thing for one in selected for thing in one.operands)]
    return part is not whole and any(owner is whole for one in held for owner in one.owners())


def is_to_stay(graph: EventGraph, freeze: Event, train: Event) -> bool:
    """Whether a part is put into evaluation mode to stay in it: it is frozen on purpose, or nothing predicts before
    `train` undoes it, and neither an option decides that nor the training of all of it follows."""
    part, whole = freeze.subject, train.subject
    if not is_frozen_on_purpose(graph, freeze) and not undone_at_once(graph, freeze, train):
        return False
    if Fact.MODE_FREE in part.facts or (freeze.function == "__init__" and is_optional(graph, freeze)):
        return False
    # A network that is wrapped on one path only: both calls are about all of it.
    same_name = freeze.name == train.name and freeze.function == train.function
    # Gradients that are switched for all of it: the rest was frozen for a while.
    return not freeze.is_subject(whole) and not same_name and not thaws_all(graph, train)


def is_frozen_on_purpose(graph: EventGraph, freeze: Event) -> bool:
    """Whether the parameters of the part are frozen, or it is selected from all modules."""
    inner = graph.innermost(freeze)
    selected = inner is not None and inner.kind == "for" and inner.function == freeze.function
    if inner is not None and selected and graph.conditional(freeze, within=inner):
        return graph.iterates_over_subject(freeze, inner)
    return any(event.comes_from(freeze.subject) for event in graph.gradient_switches())


def is_optional(graph: EventGraph, freeze: Event) -> bool:
    """Whether a condition decides if anything is frozen, beside the one that selects what is."""
    inner = graph.innermost(freeze)
    selects = range(*inner.nodes) if inner is not None and inner.function == freeze.function else range(0)
    around = [branch for branch in graph.branches if branch.node not in selects]
    return any(low <= freeze.node < high for branch in around for low, high in branch.arms)


def thaws_all(graph: EventGraph, train: Event) -> bool:
    """Whether the same function also sets `requires_grad` of all parameters of the network."""
    return any(e.function == train.function and e.comes_from(train.subject) for e in graph.gradient_switches())


def undone_at_once(graph: EventGraph, freeze: Event, train: Event) -> bool:
    """Whether nothing predicts between the two calls: the first one is not there for a validation."""
    uses = [
        event
        for event in graph.all(Kind.PREDICT, Kind.FORWARD, Kind.HAND_OVER, Kind.RUN)
        if event.is_subject(train.subject) or event.is_subject(freeze.subject)
        if event.place not in freeze.calls  # `model.apply(freeze)` hands it over
    ]
    ends = graph.all(Kind.TRAIN, about=freeze.subject)
    # A loop over batches may have none: a path past its predictions says nothing.
    validates = graph.path(freeze, to=uses, avoiding=[train, *ends]) is not None
    return not validates and graph.path(freeze, to=train, avoiding=[*uses, *ends]) is not None


def next_training(graph: EventGraph, train: Event) -> Trace | None:
    """A path to the next prediction for training that no part of the network is switched on."""
    whole = train.subject
    again = [event for event in graph.all(Kind.EVAL) if event.is_subject(whole) or belongs_to(event.subject, whole)]
    trained = [event for event in graph.trainings() if event.is_subject(whole)]
    return graph.path(train, to=trained, avoiding=again)
