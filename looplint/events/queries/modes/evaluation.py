"""Which loops over batches evaluate a network, and which predictions in them are something else.

Functions of an event graph, as its methods are; a loop over batches is one of `predict.loops`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.derivation import derivation
from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.queries.loops.repetition import goes_over_folds
from looplint.events.queries.modes.switches import is_in_evaluation_mode

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def loops_over_batches(graph: EventGraph, predict: Event) -> list[LoopScope]:
    """The loops over batches around a prediction, outermost first."""
    found = []
    for scope in predict.loops:
        over = scope.over
        if over is None or (over.type is Type.COLLECTION and not over.operands):
            continue
        if graph.iterates_over_subject(predict, scope) or _gathers(graph, predict, scope):
            continue
        given = over.type is Type.LOADER or (over.external and _is_given(predict, over))
        if given or is_graded(graph, predict, scope) or _is_counted(graph, predict, scope):
            found.append(scope)
    return found


def evaluating_loop(graph: EventGraph, predict: Event) -> LoopScope | None:
    """The loop over batches around a prediction in which nothing is trained: over a loader, rather than one around it
    that goes over something else."""
    found = [scope for scope in predict.loops if scope.goes_over_data or scope.takes_rows]
    found = [scope for scope in found if not goes_over_folds(scope)]
    # Loops over networks or over what one predicted are none over batches, nor are those that make a network in each
    # pass; one that ends after its first batch evaluates nothing more than that.
    made = graph.origin(predict.subject)
    found = [scope for scope in found if _is_loader(scope) or made is None or scope not in made.loops]
    found = [
        scope for scope in found if not graph.iterates_over_subject(predict, scope) and graph.repeats(scope, predict)
    ]
    found = [scope for scope in found if not graph.iterates_over_outputs(scope)]
    found = [scope for scope in found if not graph.in_iteration(scope, Kind.BACKWARD, Kind.STEP)]
    return next(filter(_is_loader, found), next(iter(found), None))


def _is_loader(scope: LoopScope) -> bool:
    return scope.over is not None and scope.over.type is Type.LOADER


def is_graded(graph: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether that loop computes a loss of the prediction, or the module itself does."""
    return any(
        predict.leads_to(*grade.inputs)
        or (grade.object is not None and any(output.comes_from(grade.object) for output in predict.outputs))
        for grade in graph.in_iteration(scope, Kind.GRADE)
    )


def is_graded_at_once(graph: EventGraph, predict: Event) -> bool:
    """Whether a network that is made here is validated on all data at once: without a graph, on other inputs than it is
    trained on, by a loss that nothing back-propagated is computed from."""
    if not graph.unrecorded(predict) or graph.origin(predict.subject) is None:
        return False
    trained_on = [one for event in graph.trainings() if event.is_subject(predict.subject) for one in event.inputs]
    if not trained_on or not predict.inputs or any(one is other for one in predict.inputs for other in trained_on):
        return False
    used = graph.losses()
    return any(predict.leads_to(*g.inputs) and not g.leads_to(*used) for g in graph.all(Kind.GRADE))


def is_repeated_at_once(graph: EventGraph, predict: Event) -> bool:
    """Whether a network that is made here, and trained on all data at once, predicts the same data again between its
    updates, in a function of its own and without a graph, and is not trained with what it predicts there: the nodes of
    a graph, of which others are tested. Beside a step with a closure it is the training that has such a function."""
    if not graph.unrecorded(predict) or graph.origin(predict.subject) is None or not predict.calls:
        return False
    if any(scope.over is not None and scope.over.type is Type.LOADER for scope in predict.loops):
        return False
    trainings = [event for event in graph.trainings() if event.is_subject(predict.subject)]
    same = [
        event
        for event in trainings
        if [id(one) for one in event.inputs] == [id(one) for one in predict.inputs] and predict.inputs
    ]
    between = [event for event in same if event.loops == predict.loops and event.function != predict.function]
    return bool(between) and between == trainings and not predict.leads_to(*graph.losses())


def is_sampled(graph: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether the same batch of that loop, or all of them, are predicted several times with the same weights: with
    active dropout, that estimates an uncertainty."""
    index = predict.loops.index(scope)
    inner = [each for each in predict.loops[index + 1 :] if each.counts]
    made_of = [thing for given in predict.inputs for thing in given.ancestry()]
    if any(all(each not in thing.loops for thing in made_of) for each in inner):
        return True
    changes = (Kind.STEP, Kind.LOAD, Kind.BACKWARD, Kind.ESCAPE, Kind.HAND_OVER)
    return any(
        not is_graded(graph, predict, scope) and not graph.in_iteration(outer, *changes)
        for outer in predict.loops[:index]
        if outer.counts and scope.over is not None and outer not in scope.over.loops
    )


def is_for_next_training(graph: EventGraph, predict: Event) -> bool:
    """Whether that network is trained behind the prediction: what it predicted may be what the training compares with,
    as a memory bank does."""
    return graph.path(predict, to=[e for e in graph.trainings() if e.is_subject(predict.subject)]) is not None


def is_target(graph: EventGraph, predict: Event, scope: LoopScope | None) -> bool:
    """Whether what a copy predicts for collected states, and nothing there grades, may be what the network that it was
    copied from is trained with next: the target network of reinforcement learning."""
    if scope is None or scope.over is None or scope.over.type is Type.LOADER or is_graded(graph, predict, scope):
        return False
    if Fact.COPY in predict.subject.facts:
        return False  # an average of the weights, not a target network
    alike = [e for e in graph.all(predict.kind) if e.place == predict.place and e.calls[:-1] == predict.calls[:-1]]
    # Code that the trained network runs through in evaluation mode, too, grades both.
    if any(e.subject is not predict.subject and is_in_evaluation_mode(graph, e, e.subject) for e in alike):
        return False
    # The same code may play a last time, behind the training.
    same = [e for e in graph.all(predict.kind, about=predict.subject) if e.place == predict.place]
    return graph.path(same, to=graph.trainings()) is not None


def is_criterion(graph: EventGraph, module: AbstractObject) -> bool:
    """Whether what a module returns is back-propagated, and computed from predictions. A part of a sum that is
    back-propagated is enough if no optimizer updates the module."""
    losses = {id(loss) for loss in graph.losses()}
    own = graph.all(Kind.PREDICT, Kind.FORWARD, about=module)
    if not graph.all(Kind.STEP, concerning=module):
        own = [event for event in own if graph.backwards_through(event)]
    else:
        own = [event for event in own if any(id(out) in losses for out in event.outputs)]
    graded = [thing for event in own for thing in event.inputs]
    return any(not event.is_subject(module) for event in graph.leading_to(graded))


def is_generator(graph: EventGraph, module: AbstractObject) -> bool:
    """Whether another trained network judges what that one makes, and other inputs too: a generator, whose pictures are
    made with the statistics of the batch, or with noise by dropout, on purpose."""
    judged: dict[AbstractObject, set[bool]] = {}
    own = [out for event in graph.all(Kind.PREDICT, Kind.FORWARD, about=module) for out in event.outputs]
    for event in graph.trainings():
        if not event.is_subject(module):
            made = any(one.comes_from(out) for one in event.inputs for out in own)
            judged.setdefault(event.subject, set()).add(made)
    return any(len(found) == 2 for found in judged.values())


def _is_given(predict: Event, over: AbstractObject) -> bool:
    """Whether the prediction is about what is iterated over, with no unknown code in between, rather than for each of
    some numbers, tasks or scales. A network that is called on its own outputs generates something, step by step."""

    def held(one: AbstractObject) -> tuple[AbstractObject, ...]:
        return one.operands if one.owner is None else (*one.operands, one.owner)

    before = (thing for one in predict.inputs for thing in derivation(one, through=held))
    if predict.outputs and any(thing is out for thing in before for out in predict.outputs):
        return False

    def made_of(one: AbstractObject) -> tuple[AbstractObject, ...]:
        if Fact.UNKNOWN_RESULT in one.facts:
            return ()
        return held(one)

    found = (thing for one in predict.inputs for thing in derivation(one, through=made_of))
    return over.type is not Type.NUMBER and any(thing is over for thing in found)


def _gathers(graph: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether what is predicted, and not graded there, is what the network trains on next: the loop goes over something
    else than a loader for each batch of one that updates the same network. Without a graph, as in reinforcement
    learning, that loop may also update it itself, or go over the parts of such a batch."""
    if is_graded(graph, predict, scope):
        return False
    updating = {step.loops[-1] for step in graph.all(Kind.STEP, concerning=predict.subject) if step.loops}
    inside = not updating.isdisjoint(predict.loops[: predict.loops.index(scope)])
    if inside and scope.over is not None and scope.over.type is not Type.LOADER:
        return True
    if not graph.unrecorded(predict):
        return False
    made_of = scope.over.ancestry() if scope.over is not None else ()
    parts = any(Fact.DRAWN in one.facts for thing in made_of for one in thing.owners())
    return scope in updating or (parts and inside)


def _is_counted(graph: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether a network that is made here predicts all of some data without a graph: its outputs are counted or kept,
    and those of parts that are cut out of the data are not trained with."""
    over = scope.over
    if not graph.unrecorded(predict) or over is None or graph.origin(predict.subject) is None:
        return False
    if scope.goes_over_data:
        return over.type is Type.COLLECTION or _is_given(predict, over)
    return scope.takes_rows and not predict.leads_to(*graph.losses())


def alternates(graph: EventGraph, step: Event, other: Event, scope: LoopScope) -> bool:
    """Whether, in each iteration of a loop around both, a network is switched to training mode for one loop over
    batches and to evaluation mode for that one (`scope`), and evaluated by the same criterion in both."""
    around, over = graph.common(step, other), scope.over
    if around != step.loops[:-1] or around != other.loops[:-1] or not around or over is None:
        return False
    if over.type is Type.NUMBER or around[-1].is_call:
        return False
    grades = [[e.subject for e in graph.in_iteration(i, Kind.GRADE)] for i in (scope, other.loops[-1])]
    if not any(one is two or one.constructor == two.constructor != "" for one in grades[0] for two in grades[1]):
        return False
    predictions = [graph.in_iteration(i, Kind.PREDICT) for i in (scope, other.loops[-1])]
    return any(
        graph.path(e, to=predictions[0], avoiding=Kind.TRAIN, about=e.subject, within=around[-1])
        and graph.path(t, to=predictions[1], avoiding=Kind.EVAL, about=e.subject, within=around[-1])
        for e in graph.all(Kind.EVAL)
        for t in graph.all(Kind.TRAIN, about=e.subject)
        if e.loops == t.loops == around
    )


def evaluates(graph: EventGraph, predict: Event, scope: LoopScope | None) -> bool:
    """Whether a prediction that is not back-propagated evaluates its module, in that loop over batches or at once,
    rather than being a part of its training or for it."""
    module = predict.subject
    # Evaluation that adapts the network first trains it for a moment.
    if any(scope in event.loops and event.is_subject(module) for event in graph.differentiated()):
        return False
    # If nothing is back-propagated, the network should probably be trained here.
    if not graph.all(Kind.BACKWARD, concerning=module) and _is_updated_around(graph, predict):
        return False
    at_once = scope is None and (is_graded_at_once(graph, predict) or is_repeated_at_once(graph, predict))
    if is_sampled(graph, predict, scope) if scope is not None else not at_once:
        return False
    # A loss that is passed to unknown code may be back-propagated there.
    passed = [loss for event in graph.all(Kind.READ, how=How.HANDED_OVER) for loss in event.subjects]
    return not any(Fact.GRADED in loss.facts and predict.leads_to(loss) for loss in passed)


def _is_updated_around(graph: EventGraph, predict: Event) -> bool:
    """Whether an update of the same network is made in a loop around the prediction."""
    steps = graph.all(Kind.STEP, concerning=predict.subject)
    return any(step.loops and graph.common(step, predict) == step.loops for step in steps)
