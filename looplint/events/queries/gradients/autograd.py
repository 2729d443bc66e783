"""Autograd: which values hold a graph, and what they were computed from.

Each question follows a value backwards (`derivation`) and says where it stops. `batches` are what loops iterate over
(`EventGraph.iterables`): data has no graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from looplint.events.derivation import derivation
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.kinds import Graph, Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph

_WITHOUT_GRAPH = (Type.NUMBER, Type.SCALER, Type.CRITERION, Type.FRAMEWORK, Type.LOADER)
"""Types of objects that hold no graph, whatever they were made of."""

_NOT_COMPUTED = (Type.NUMBER, Type.PARAMETERS, Type.CRITERION, Type.SCALER, Type.FRAMEWORK)
"""Types without a graph of their own, or leaves of one."""


def has_no_graph(value: AbstractObject, batches: Collection[AbstractObject]) -> bool:
    """Whether a value has no graph, or was computed from a batch alone."""
    found = derivation(value, to=lambda one: one.graph is Graph.NO, until=batches.__contains__)
    return all(one.graph is Graph.NO or (one.graph is Graph.UNKNOWN and bool(one.origins)) for one in found)


def is_data(value: AbstractObject, batches: Collection[AbstractObject]) -> bool:
    """Whether a value derives from batches, or from numbers that are drawn, and from nothing else."""

    def is_source(one: AbstractObject) -> bool:
        return one in batches or (one.graph is not Graph.YES and Fact.RANDOM in one.facts)

    def parts(one: AbstractObject) -> list[AbstractObject]:
        return [*one.operands, *filter(None, [one.owner])]

    found = False
    for one in derivation(value, through=parts, to=is_source):
        if is_source(one):
            found = True
        elif (
            one.graph is Graph.YES
            or one.type in (Type.MODULE, Type.ENGINE)
            or (not parts(one) and one.graph is not Graph.NO)
        ):
            return False
    return found


def is_detached(loss: AbstractObject, batches: Collection[AbstractObject]) -> bool:
    """Whether a loss was computed from detached predictions, and from nothing that has, or may have, a graph."""
    found = False
    for thing in derivation(loss, to=_is_boundary, until=batches.__contains__):
        # `backward()` is no evidence of a graph here.
        recorded = thing.graph is Graph.YES and Fact.RECORDED not in thing.facts
        trained = thing.holds_parameters and Fact.NO_PARAMETERS not in thing.facts
        if recorded or trained or not thing.facts.isdisjoint((Fact.LEAF, Fact.GRADIENT)):
            return False
        found |= Fact.CUT_OFF in thing.facts
        if _is_boundary(thing):
            continue
        known = thing.graph is Graph.NO or Fact.GRADED in thing.facts or _is_computed(thing)
        if not (thing.origins and known) and thing.graph is not Graph.NO:
            return False
    return found


def _is_boundary(thing: AbstractObject) -> bool:
    """Whether the operands of a value do not matter: it was detached on purpose, or never had a graph."""
    detached = Fact.CUT_OFF in thing.facts and Fact.DETACHED in thing.facts
    return detached or thing.type in _WITHOUT_GRAPH or thing.holds_parameters


def _is_computed(thing: AbstractObject) -> bool:
    """Whether an operator or torch computed it, or it is a part of something."""
    return not thing.constructor or Fact.OF_TORCH in thing.facts or thing.owner is not None


def recording(graph: EventGraph) -> tuple[dict[AbstractObject, Event], set[AbstractObject]]:
    """What predictions and criteria computed without recording, each with its event; and what they computed with it.
    The loss of a criterion of torch has a graph only if one of its inputs has."""
    computed = graph.all(Kind.PREDICT, Kind.FORWARD, Kind.GRADE)
    unrecorded = [e for e in computed if graph.unrecorded(e)]
    off = {thing: e for e in unrecorded for thing in (e.object, *e.outputs) if thing}
    by_torch = {e for e in computed if e.kind is Kind.GRADE and Fact.OF_TORCH in e.subject.facts}
    return off, {e.object for e in computed if e.object and e not in by_torch} - off.keys()


def computed_without_graph(
    loss: AbstractObject,
    off: Mapping[AbstractObject, Event],
    on: Collection[AbstractObject],
    batches: Collection[AbstractObject],
) -> list[Event]:
    """The events behind a loss that computed without a graph; none if anything else in it may have one. `off`: what was
    computed without recording, with its event. `on`: what was computed with it."""

    def plain(thing: AbstractObject) -> bool:
        return thing in batches or thing.type in (Type.SCALER, Type.CRITERION, Type.FRAMEWORK)

    found = []
    for thing in derivation(loss, to=lambda one: one in off or plain(one)):
        # `requires_grad_()` begins a graph of its own.
        recorded = thing in on or (thing is not loss and thing.graph is Graph.YES) or Fact.LEAF in thing.facts
        if thing in off:
            found.append(off[thing])
        elif recorded or thing.holds_parameters or not (plain(thing) or _is_derived(thing)):
            return []
    return found


def _is_derived(thing: AbstractObject) -> bool:
    """Whether it is known where a value came from, or that it has no graph."""
    return bool(thing.origins) or thing.graph is Graph.NO or Fact.COUNTER in thing.facts


def handed_back(inputs: Iterable[AbstractObject], parts: Sequence[AbstractObject]) -> AbstractObject | None:
    """The input of a prediction that is certainly one of these `parts` of an earlier output, with its graph: itself, a
    part of it, or a value computed from it alone. None of the inputs may be detached."""
    found = None
    for given in inputs:
        for thing in derivation(given, through=_same_graph, to=parts.__contains__):
            if Fact.DETACHED in thing.facts:
                return None
            if thing in parts:
                found = found or given
    return found


def _same_graph(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    """The elements of a collection, or the only operand of a value, whose graph it has."""
    made_of_one = thing.graph is Graph.YES and len(thing.operands) == 1
    return thing.operands if thing.type is Type.COLLECTION or made_of_one else ()


def parts_with_graph(output: AbstractObject) -> Iterator[AbstractObject]:
    """The parts of an output with a graph, also if one of them is a tuple: `outputs, (h, c)`."""
    for part in output.operands:
        if part.type is not Type.COLLECTION:
            yield from (part,) if part.graph is Graph.YES else ()
        else:
            yield from (inner for inner in part.operands if inner.graph is Graph.YES)


def share_graph(one: Event, other: Event, beside: Sequence[AbstractObject]) -> bool:
    """Whether two losses share an operand that may hold a graph, other than those `beside` it: networks and batches."""
    mine = {id(thing) for loss in one.subjects for thing in loss.ancestry() if _may_hold_graph(thing, beside)}
    return any(id(thing) in mine for loss in other.subjects for thing in loss.ancestry())


def _may_hold_graph(thing: AbstractObject, beside: Sequence[AbstractObject]) -> bool:
    if thing.type not in (Type.TENSOR, Type.UNKNOWN, Type.COLLECTION) or thing.graph is Graph.NO:
        return False
    # The owner of an element is its batch, whose operand is the loader.
    whole = [thing, *(one for owner in thing.owners() for one in owner.operands)] if thing.external else [thing]
    return not any(one is other for one in whole for other in beside)


def is_recomputed(
    loss: AbstractObject, predictions: Iterable[Event], batch: Sequence[AbstractObject], scope: LoopScope
) -> bool:
    """Whether a loss is computed from the batch, from its predictions in the same iteration (of the loop `scope`) and
    from parameters only."""
    made_by = {output: predict for predict in predictions for output in (predict.object, *predict.outputs) if output}

    def fresh(thing: AbstractObject) -> bool:
        return any(Fact.DRAWN in owner.facts for owner in thing.owners()) or thing in batch

    def through(thing: AbstractObject) -> tuple[AbstractObject, ...]:
        if thing in made_by:
            return made_by[thing].inputs
        return () if thing.type in _NOT_COMPUTED else thing.origins

    for thing in derivation(loss, through=through, until=fresh):
        if scope in thing.carried_into:
            return False
        if (predict := made_by.get(thing)) is not None:
            if any(one.comes_from(output) for one in predict.inputs for output in predict.outputs):
                return False
        elif thing.type in (Type.MODULE, Type.ENGINE):
            return False
        elif thing.type not in _NOT_COMPUTED:
            # Parameters are leaves; a value computed from one before the loop has a graph that stays.
            before = scope not in thing.loops and not (thing.origins and thing.external)
            if thing.graph is not Graph.NO and Fact.COUNTER not in thing.facts and before:
                return False
    return True


def starts_detached(graph: EventGraph, backward: Event) -> bool:
    """Whether a backward starts from a number, or from a loss of detached predictions."""
    graded = [grade.inputs[0] for grade in graph.leading_to(backward.subjects, Kind.GRADE) if grade.inputs]
    numbers = [subject for subject in backward.subjects if subject.type is Type.NUMBER]
    return any(Fact.CUT_OFF in thing.facts for thing in (*graded, *numbers))
