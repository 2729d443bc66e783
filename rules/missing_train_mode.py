"""LOOP302: see `missing_train_mode`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, How, Kind, LoopScope, Trace
from looplint.rule import WARNING, Fix, Mistake, insert_before, rule, unsafe


@rule("LOOP302", severity=WARNING, needs=[Kind.EVAL, (Kind.PREDICT, Kind.FORWARD), Kind.BACKWARD, Kind.STEP])
def missing_train_mode(loop: EventGraph) -> Iterator[Mistake]:
    """Training continues in evaluation mode, because validation never switched back.

    What it does
    ------------
    Looks for a module that is trained, switched to evaluation mode by `eval()` or `train(False)`, and then trained
    again without a `train()` in between. The finding is reported where it is trained; the switch is a part of its
    evidence.

    Why is this bad?
    ----------------
    From the first validation on, dropout does nothing and batch normalisation uses frozen statistics: the training
    flag over three epochs is True, False, False. No error is raised; the network overfits more and its statistics
    stay what they were.

    Example
    -------
    ```python
    model.train()
    for epoch in range(epochs):
        train_one_epoch(model, train_loader)
        model.eval()
        validate(model, val_loader)
    ```

    Use instead
    -----------
    ```python
    for epoch in range(epochs):
        model.train()
        train_one_epoch(model, train_loader)
        model.eval()
        validate(model, val_loader)
    ```

    Known limits
    ------------
    Evaluation mode that is set before the training (frozen statistics on purpose) is not reported unless validation
    comes between, nor are modules without layers that have a mode, nor a module that is passed to unknown code.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    # A switch without its parentheses is reported as LOOP204, a flag that is set instead as LOOP303.
    trainings = loop.trainings()
    validations = [event for event in loop.all(Kind.PREDICT, Kind.FORWARD) if event not in trainings]
    reported: set[tuple[int, tuple[LoopScope, ...]]] = set()
    for predict in trainings:
        module = predict.subject
        # Without a graph it trains nothing: its outputs are data of a loss, like those of the policy before an update.
        if loop.unrecorded(predict):
            continue
        # Gradients that flow through a frozen network do not train it.
        if module.facts & {Fact.MODE_FREE, Fact.FROZEN} or not loop.all(Kind.STEP, concerning=module):
            continue
        trained = loop.backwards_through(predict)
        for switch in loop.all(Kind.EVAL, about=module):
            if (id(module), predict.loops) in reported or _may_be_undone(loop, switch, predict):
                continue
            behind = predict.node > switch.node
            apart = behind and _other_pass(loop, switch, trained)
            if behind and not apart and not _interrupted(loop, switch, predict, validations):
                continue
            path = _path(loop, switch, predict, trained if apart else [predict], validations)
            if path is None or not _updated(loop, trained, module):
                continue
            reported.add((id(module), predict.loops))
            # Code that also validates cannot switch for itself.
            shared = apart or any(event.place == predict.place for event in validations)
            yield Mistake(
                trained[0] if shared else predict,
                f"`{predict.name}` is trained again in evaluation mode: it was not switched back",
                path.with_notes("switched to evaluation mode", "training continues in it"),
                help=f"call `{predict.name}.train()` before training continues",
                fix=None if shared else _switched(loop, switch, predict),
            )


def _updated(loop: EventGraph, trained: list[Event], module: AbstractObject) -> bool:
    """Whether a step uses these gradients for the module, rather than one that clears them first: an attack trains an
    input through it."""
    steps = loop.all(Kind.STEP, concerning=module)
    return loop.path(trained, to=steps, avoiding=loop.all(Kind.CLEAR, concerning=module)) is not None


def _may_be_undone(loop: EventGraph, switch: Event, predict: Event) -> bool:
    """Whether unknown code that calls the function repeatedly may switch back; or code in the same place does, though
    not on an early exit: it gets the benefit of the doubt."""
    if all(scope.is_call for scope in loop.common(switch, predict)):
        return True
    later = [e for e in loop.all(Kind.TRAIN, about=predict.subject) if e.node > switch.node]
    return any(e.calls == switch.calls and e.loops == switch.loops for e in later)


def _path(
    loop: EventGraph, switch: Event, predict: Event, goals: list[Event], validations: list[Event]
) -> Trace | None:
    """From the switch to the training that follows, with nothing that switches back."""
    module = predict.subject
    back = [e for e in loop.all(Kind.TRAIN, concerning=module) if not _in_part(loop, e, module, validations)]
    back += loop.all(Kind.MAKE, about=module) + loop.all(Kind.ASSIGN, how="training")
    path = loop.path(switch, to=goals, avoiding=(Kind.REFERENCE, *back), about=module)
    if not path or not loop.path(predict, to=switch):
        return None
    # Training that starts with its own switch to evaluation mode is in it on purpose.
    meant: list[Kind | Event] = [Kind.EVAL, *_meant(loop, module), *back]
    return path if loop.path(switch, to=goals, avoiding=meant, about=module, doubt=False) else None


def _meant(loop: EventGraph, module: AbstractObject) -> list[Event]:
    """Switches that decide on the mode of the module as well: those to evaluation mode of another network by the same
    name, and those of its parts that are switched to either mode."""
    named = [one for event in loop.all(Kind.EVAL, about=module) for one in loop.alternatives(event)]
    trained, evaluated = loop.subjects(Kind.TRAIN), loop.subjects(Kind.EVAL)
    switched = {one for one in trained if one in evaluated and _is_part(one, module)}
    return named + [event for event in loop.all(Kind.TRAIN, Kind.EVAL) if event.subject in switched]


def _is_part(one: AbstractObject, module: AbstractObject) -> bool:
    """Whether it is another module that the module holds or was built from."""
    return one is not module and (module in one.owners() or module.comes_from(one))


def _in_part(loop: EventGraph, train: Event, module: AbstractObject, validations: list[Event]) -> bool:
    """Whether a part of the module is switched to training mode and then validated in it, with the others in evaluation
    mode: to use active dropout. Training after such a switch may be partial on purpose."""
    parts = [one for one in train.subjects if one is not module and (module in one.owners() or one.comes_from(module))]
    return parts == list(train.subjects) and bool(
        loop.path(train, to=[e for e in validations if e.is_subject(module)], avoiding=loop.trainings())
    )


def _switched(loop: EventGraph, switch: Event, predict: Event) -> Fix:
    """The switch back is inserted before the training loop or, if validation is inside it, before the prediction."""
    inner = [scope for scope in predict.loops if scope not in switch.loops and scope.function == predict.function]
    start = inner[0].place if inner else predict
    return unsafe(f"Call `{predict.name}.train()` before training", insert_before(start, f"{predict.name}.train()"))


def _other_pass(loop: EventGraph, switch: Event, trained: list[Event]) -> bool:
    """Whether the training is in another iteration of the outer loop: one loop for training and validation."""
    common = loop.common(switch, *trained)
    return bool(common) and not any(loop.path(switch, to=event, within=common[-1]) for event in trained)


def _interrupted(loop: EventGraph, switch: Event, predict: Event, validations: list[Event]) -> bool:
    """Whether training after the switch should be in training mode, with validation in between: in a loop of its own
    without gradients, or if training mode is set elsewhere. A library that predicts and leaves the mode means none."""
    if switch.how == How.SIDE_EFFECT:
        return True
    module = predict.subject
    trains = loop.all(Kind.TRAIN, about=module)
    meant = (loop.path(e, to=predict, avoiding=Kind.EVAL, doubt=False) for e in trains)
    between = [e for e in validations if e.is_subject(module) and switch.node < e.node < predict.node]
    apart = (not set(e.loops) <= set(predict.loops) and loop.unrecorded(e) for e in between)
    return bool(between) and (any(meant) or any(apart))
