"""What optimizers hold, and which gradients their steps use.

Functions of an event graph, as its methods are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events.event import Event
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.options import Option

if TYPE_CHECKING:
    from looplint.events.event_graph import EventGraph


def moves_own_part(assign: Event) -> bool:
    """Whether another part of the same model takes that place: `self.before = self.now`."""
    owner, value = assign.place.text.rpartition(".")[0], assign.options.get(Option.WRITTEN)
    return isinstance(value, str) and value.replace(".", "").isidentifier() and value.rpartition(".")[0] == owner


def holds_replaced(graph: EventGraph, optimizer: AbstractObject, assign: Event) -> bool:
    """Whether an optimizer was made of the module that is changed, or of the part that is replaced."""
    module, new = assign.subject, assign.object
    before = [e.object for e in graph.all(Kind.ASSIGN, about=module) if e.how == assign.how and e.object is not new]
    return any(
        one is module
        or any(one is part for part in before)
        or (one is not new and module in one.owners() and one.name.rpartition(".")[2] == assign.how)
        for one in optimizer.ancestry()
    )


def brings_parameters(graph: EventGraph, assign: Event) -> bool:
    """Whether the assignment adds new trainable parameters, not only those that the model had before."""
    new = assign.object
    if new is None or new.type not in (Type.MODULE, Type.PARAMETERS) or not new.certain or new.external:
        return False
    before = [event.object for event in graph.all(Kind.ASSIGN, about=assign.subject) if event is not assign]
    known = (assign.subject, *(part for part in before if part is not None and part is not new))
    made_of = [owner for part in new.ancestry() if part is not new for owner in part.owners()]
    return Fact.NO_PARAMETERS not in new.facts and not any(part is one for part in known for one in made_of)


def listed_before(optimizer: AbstractObject, assign: Event, make: Event) -> bool:
    """Whether an optimizer was made of a list that was made, in the same function, before new parameters came."""
    listed = optimizer.operands[0].place if optimizer.operands else None
    if listed is None or assign.how != How.NEW_PARAMETERS or assign.function != make.function:
        return False
    in_order = listed.before(assign.place) and assign.place.before(make.place)
    return in_order and listed.text.startswith(("[", "list("))


def steps_one(graph: EventGraph, step: Event) -> bool:
    """Whether one optimizer steps, possibly one of several made under a condition: not each of several in turn."""
    return len(step.subjects) == 1 or not any(graph.iterates_over_subject(step, scope) for scope in step.loops)


def predictions_behind(graph: EventGraph, backward: Event) -> list[Event]:
    """The predictions behind a backward; none if its call names the parameters."""
    if any(one.type in (Type.PARAMETERS, Type.COLLECTION) and not backward.is_subject(one) for one in backward.inputs):
        return []
    led = graph.leading_to(backward.subjects)
    return [predict for predict in led if not graph.unrecorded(predict)]


def clears_for(graph: EventGraph, clear: Event, step: Event) -> bool:
    """Whether what is cleared are the gradients that the step uses."""
    if clear.is_part_of(step.subject):
        # Of several optimizers, the same name refers to the same one.
        return not (len(clear.subjects) > 1 and len(step.subjects) > 1 and clear.name != step.name)
    only = len(graph.subjects(Kind.STEP)) == len(graph.subjects(Kind.PREDICT)) == 1
    return only and not step.subject.operands and clear.may_concern(step.subject)


def forgets_a_loss(graph: EventGraph, backward: Event, step: Event) -> bool:
    """Whether, of several optimizers, one steps with a loss of its own that is not back-propagated: the mistake is a
    forgotten backward then."""
    used = graph.trainings()
    return len(graph.subjects(Kind.STEP)) > 1 and any(
        graph.path(backward, to=loss, avoiding=Kind.STEP, about=step.subject)
        and graph.path(loss, to=step, avoiding=graph.all(Kind.BACKWARD))
        for loss in graph.all(Kind.PREDICT, Kind.FORWARD, concerning=step.subject)
        if loss not in used and not graph.unrecorded(loss)
    )


def optimizer_cleared(graph: EventGraph, clear: Event) -> AbstractObject | None:
    """What is cleared; through a module, the first optimizer over it."""
    if clear.subject.type is Type.OPTIMIZER:
        return clear.subject
    made = [make.subject for make in graph.made(Type.OPTIMIZER, certain=True)]
    return next((one for one in made if clear.subject.type is Type.MODULE and one.comes_from(clear.subject)), None)


def may_be_stepped(graph: EventGraph, optimizer: AbstractObject) -> bool:
    """Whether it may step, or code reads gradients, to use them for something else."""
    used = graph.all(Kind.STEP, Kind.REFERENCE, Kind.READ)
    return any(event.may_concern(optimizer) or event.how == How.GRADIENT for event in used)


def network_is_handed_over(graph: EventGraph, clear: Event, optimizer: AbstractObject) -> bool:
    """Whether unknown code gets the network between two batches, and may step."""
    passed = [e for e in graph.all(Kind.HAND_OVER) if e.is_part_of(optimizer)]
    return any(not scope.is_call for event in passed for scope in graph.common(clear, event)[-1:])


def is_another_trial(graph: EventGraph, make: Event, around: LoopScope) -> bool:
    """Whether the iteration also constructs or resets the model or the data, or may not keep the model."""
    modules = [thing for thing in make.subject.ancestry() if thing.type is Type.MODULE]
    # Weights that are set back may be so after the steps, too, for the next iteration.
    touched = graph.in_iteration(around, Kind.LOAD)
    touched += [event for event in graph.in_iteration(around, Kind.ESCAPE) if event.node < make.node]
    loaded = graph.in_iteration(around, Kind.LOAD, about=make.subject)
    inner = [scope.over for event in graph.in_iteration(around, Kind.STEP) for scope in event.loops]
    data = [over for over in inner if over is not None and over.type is not Type.NUMBER]
    # Layers that are frozen or thawed in stages get another optimizer in each.
    staged = [event for event in graph.gradient_switches() if around in event.loops]
    return (
        not modules
        or bool(loaded)
        or any(event.node < make.node for event in staged)
        or any(around in thing.loops for thing in (*modules, *data))
        or any(event.is_subject(module) for event in touched for module in modules)
    )


def is_computed_for(graph: EventGraph, event: Event, step: Event) -> bool:
    """Whether both happen in each iteration of a loop, or in the same call of a function without one."""
    common = graph.common(event, step)
    looped = any(scope.is_written for scope in common)
    return common == step.loops or (looped and common == event.loops)


def never_back_propagated(graph: EventGraph, step: Event) -> list[Event]:
    """The values computed for this step that are back-propagated for no optimizer; the last first."""
    computed = (Kind.PREDICT, Kind.FORWARD, Kind.GRADE)
    used = graph.leading_to(graph.losses(), *computed)
    return [
        event
        for event in reversed(graph.all(*computed))
        if is_computed_for(graph, event, step) and event not in used and not graph.unrecorded(event)
    ]
