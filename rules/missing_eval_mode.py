"""LOOP801: see `missing_eval_mode`."""

from collections.abc import Iterator

from looplint.events import (
    AbstractObject,
    Context,
    Event,
    EventGraph,
    Fact,
    How,
    Kind,
    LoopScope,
    Option,
    Trace,
    Type,
    derivation,
)
from looplint.rule import WARNING, Fix, Mistake, insert_after, insert_before, rule, unsafe


@rule("LOOP801", severity=WARNING, needs=[(Kind.PREDICT, Kind.FORWARD), (Kind.TRAIN, Kind.LOAD, Kind.BACKWARD)])
def missing_eval_mode(loop: EventGraph) -> Iterator[Mistake]:
    """Validation runs in training mode: dropout is active, batch normalisation learns from it.

    What it does
    ------------
    Looks for a loop over a loader (or one that counts batches and computes a loss) that predicts but never
    back-propagates, reached from the training of the same module (or from loading its weights) without `eval()` in
    between.

    Why is this bad?
    ----------------
    Dropout makes the measured result noisy and too low. Batch normalisation normalises by the validation batch and
    moves its running statistics towards the validation data, so that the model itself changes by being validated.

    Example
    -------
    ```python
    for epoch in range(epochs):
        model.train()
        train_one_epoch(model, train_loader)
        with torch.no_grad():
            for inputs, targets in val_loader:
                total += criterion(model(inputs), targets).item()
    ```

    Use instead
    -----------
    ```python
    for epoch in range(epochs):
        model.train()
        train_one_epoch(model, train_loader)
        model.eval()
        with torch.no_grad():
            for inputs, targets in val_loader:
                total += criterion(model(inputs), targets).item()
    ```

    Known limits
    ------------
    A validation function with unknown callers may be called in evaluation mode: nothing is reported. Networks whose
    layers are all known and have no mode are not reported, nor are loops that only run the network, to update the
    statistics of its batch normalisation. A prediction outside of a loop over batches is reported only where a
    criterion grades it.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    trainings, differentiated, reported = loop.trainings(), loop.differentiated(), set()
    # A flag that is set instead is reported as LOOP303.
    flags = [e for e in loop.all(Kind.ASSIGN) if e.how == "training"]
    passed = [e for e in loop.all(Kind.READ) if e.how == How.HANDED_OVER]
    grades: dict[AbstractObject, bool] = {}
    for predict in loop.all(Kind.PREDICT, Kind.FORWARD):
        module, batches = predict.subject, _batches(loop, predict)
        scope = next((i for i in batches if not loop.in_iteration(i, Kind.BACKWARD, Kind.STEP)), None)
        # Predictions inside a network's `forward` are a part of its own prediction.
        inner = loop.inside(predict, Context.FORWARD)
        if inner or predict.options.get(Option.DROPPED) or Fact.MODE_FREE in module.facts:
            continue
        if module not in grades:
            grades[module] = _grades(loop, module)
        if grades[module]:
            continue
        if predict in differentiated:
            if batches and (switch := _trained_in_one_phase(loop, predict, batches[-1], (*ENDED, *flags))):
                yield Mistake(
                    predict,
                    f"`{predict.name}` is validated in training mode",
                    Trace(
                        (switch, predict), ("training mode is set in one phase", "it still applies in the other one")
                    ),
                    help=f"call `{predict.name}.eval()` in the phase that validates",
                )
            continue
        # If nothing is back-propagated, the network should probably be trained here (LOOP501).
        if not any(e.may_concern(module) for e in loop.all(Kind.BACKWARD)) and _stepped(loop, predict):
            continue
        if scope is None and not _graded_at_once(loop, predict, trainings):
            continue
        if (scope, id(module)) in reported or (scope is not None and _sampled(loop, predict, scope)):
            continue
        # A loss that is passed to unknown code may be back-propagated there.
        if any(Fact.GRADED in loss.facts and predict.leads_to(loss) for e in passed for loss in e.subjects):
            continue
        switches = [e for e in loop.all(Kind.TRAIN) if Option.RESTORED not in e.options]
        # Training mode on purpose: the mode before it is restored, or statistics are computed anew.
        meant = [e for e in switches if _restored(loop, e) or _renews_statistics(loop, e)]
        meant += [e for e in switches if e.calls == predict.calls and _asked_for(loop, e)]
        starts = [e for e in (*switches, *loop.all(Kind.LOAD), *trainings) if e.is_subject(module) and e not in meant]
        # Loading says nothing of the mode of a network that was made elsewhere.
        starts = [e for e in starts if e.kind is not Kind.LOAD or not module.external]
        starts = [e for e in starts if e.kind is Kind.TRAIN or not _in_evaluation_mode(loop, e, module)]
        # Trained in the evaluation mode that it was made in (LOOP317), it is validated in that one as well.
        starts = [e for e in starts if e.kind is Kind.TRAIN or Fact.IN_EVALUATION not in module.facts]
        if not any(_graded(loop, predict, scope) for scope in batches) and _trained_next(loop, predict, trainings):
            starts = [e for e in starts if e.kind is not Kind.LOAD]
        # Whoever switches to training mode for results that are kept, and neither graded nor trained with, means it.
        if not any(_graded(loop, predict, scope) for scope in batches):
            if _generates(loop, predict, trainings):
                continue
            meant += [e for e in starts if e.kind is Kind.TRAIN and _only_predicts(loop, e, predict, trainings)]
            starts = [e for e in starts if e not in meant]
        path = loop.path(starts, to=predict, avoiding=(*ENDED, *flags, *meant), about=module)
        # A copy keeps its mode where the module that it was made of is switched.
        own = [e for e in loop.all(*ENDED) if e.is_subject(module)] + loop.all(Kind.ESCAPE, concerning=module) + passed
        copies = [] if _collects_targets(loop, predict, scope, trainings) else _copies(loop, module, trainings)
        if path := path or loop.path(copies, to=predict, avoiding=[*own, *flags]):
            reported.add((scope, id(module)))
            name = predict.name
            where = "loop" if scope is not None else "prediction"
            fix = None
            shared = any(event.place == predict.place for event in trainings)
            here = scope is not None and scope.function == predict.function and not shared
            if scope is not None and here and scope not in path.events[0].loops:
                fix = _switch(loop, predict, scope, [e for e in trainings if e.is_subject(module)])
            yield Mistake(
                predict,
                f"`{name}` is validated in training mode",
                path.with_notes("the module is in training mode", "it still is during validation"),
                help=f"call `{name}.eval()` before the {where}, and `{name}.train()` before training continues",
                fix=fix,
            )


def _switch(loop: EventGraph, predict: Event, scope: LoopScope, trainings: list[Event]) -> Fix:
    """Switch to evaluation mode before that loop, and back after it where training continues."""
    place, name = scope.place, predict.name
    actions = [insert_before(place, f"{name}.eval()")]
    if loop.path(predict, to=trainings, avoiding=Kind.TRAIN, about=predict.subject):
        actions.append(insert_after(place, f"{name}.train()"))
    return unsafe("Switch to evaluation mode around the loop", *actions)


def _graded_at_once(loop: EventGraph, predict: Event, trainings: list[Event]) -> bool:
    """Whether a network that is made here is validated on all data at once: without a graph, on other inputs than it is
    trained on, by a loss that nothing back-propagated is computed from."""
    if not loop.inside(predict, Context.NO_GRAD, Context.INFERENCE_MODE) or loop.origin(predict.subject) is None:
        return False
    trained_on = [one for event in trainings if event.is_subject(predict.subject) for one in event.inputs]
    if not trained_on or not predict.inputs or any(one is other for one in predict.inputs for other in trained_on):
        return False
    used = [loss for event in loop.all(Kind.BACKWARD) for loss in event.subjects]
    return any(predict.leads_to(*g.inputs) and not g.leads_to(*used) for g in loop.all(Kind.GRADE))


def _batches(loop: EventGraph, predict: Event) -> list[LoopScope]:
    """The loops over batches around a prediction, outermost first."""
    found = []
    for scope in predict.loops:
        over = scope.over
        if over is None or (over.type is Type.COLLECTION and not over.operands):
            continue
        if loop.iterates_over_subject(predict, scope) or _gathers(loop, predict, scope):
            continue
        given = over.type is Type.LOADER or (over.external and _given(predict, over))
        if given or _graded(loop, predict, scope) or _counted(loop, predict, scope):
            found.append(scope)
    return found


def _given(predict: Event, over: AbstractObject) -> bool:
    """Whether the prediction is about what is iterated over, with no unknown code in between, rather than for each of
    some numbers, tasks or scales."""

    def made_of(one: AbstractObject) -> tuple[AbstractObject, ...]:
        if Fact.UNKNOWN_RESULT in one.facts:
            return ()
        return one.operands if one.owner is None else (*one.operands, one.owner)

    found = (thing for one in predict.inputs for thing in derivation(one, through=made_of))
    return over.type is not Type.NUMBER and any(thing is over for thing in found)


def _gathers(loop: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether what is predicted, and not graded there, is what the network trains on next: the loop goes over something
    else than a loader for each batch of one that updates the same network. Without a graph, as in reinforcement
    learning, that loop may also update it itself, or go over the parts of such a batch."""
    if _graded(loop, predict, scope):
        return False
    updating = {step.loops[-1] for step in loop.all(Kind.STEP, concerning=predict.subject) if step.loops}
    inside = not updating.isdisjoint(predict.loops[: predict.loops.index(scope)])
    if inside and scope.over is not None and scope.over.type is not Type.LOADER:
        return True
    if not loop.inside(predict, Context.NO_GRAD, Context.INFERENCE_MODE):
        return False
    made_of = scope.over.ancestry() if scope.over is not None else ()
    parts = any(Fact.DRAWN in one.facts for thing in made_of for one in thing.owners())
    return scope in updating or (parts and inside)


def _counted(loop: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether a network that is made here predicts all of some data without a graph: its outputs are counted or kept,
    and those of parts that are cut out of the data are not trained with."""
    silent = loop.inside(predict, Context.NO_GRAD, Context.INFERENCE_MODE)
    over = scope.over
    if not silent or over is None or loop.origin(predict.subject) is None:
        return False
    if scope.goes_over_data:
        return over.type is Type.COLLECTION or _given(predict, over)
    used = [loss for event in loop.all(Kind.BACKWARD) for loss in event.subjects]
    return Fact.DATA_IN_PARTS in over.facts and not predict.leads_to(*used)


ENDED = (Kind.EVAL, Kind.REFERENCE)


def _stepped(loop: EventGraph, predict: Event) -> bool:
    """Whether an update of the same network is made in a loop around the prediction."""
    steps = [step for step in loop.all(Kind.STEP) if step.may_concern(predict.subject)]
    return any(step.loops and loop.common(step, predict) == step.loops for step in steps)


def _trained_in_one_phase(
    loop: EventGraph, predict: Event, scope: LoopScope, ended: tuple[Kind | Event, ...]
) -> Event | None:
    """Where one loop trains and validates: the switch to training mode of its first phase, if the other one does not
    end that mode. In the phase that it belongs to, the loss is back-propagated in each case."""
    following = [e for e in loop.in_iteration(scope, Kind.BACKWARD) if predict.leads_to(*e.subjects)]
    backwards = [e for e in following if loop.conditional(e, unlike=predict)]
    if len({backward.place for backward in backwards}) != 1:
        return None
    for switch in (e for e in loop.all(Kind.TRAIN, about=predict.subject) if scope not in e.loops):
        around = loop.common(switch, predict)
        # The innermost loop around both iterates over the phases, one around that over the epochs.
        if len(around) > 1 and loop.path(switch, to=backwards, within=around[-1]):
            others = [e for e in backwards if not loop.bypasses(switch, e, within=around[-1])]
            if any(loop.bypasses(switch, e, avoiding=ended, about=predict.subject) for e in others):
                return switch
    return None


def _graded(loop: EventGraph, predict: Event, scope: LoopScope) -> bool:
    """Whether that loop computes a loss of the prediction, or the module itself does."""
    return any(
        predict.leads_to(*grade.inputs)
        or (grade.object is not None and any(output.comes_from(grade.object) for output in predict.outputs))
        for grade in loop.in_iteration(scope, Kind.GRADE)
    )


def _collects_targets(loop: EventGraph, predict: Event, scope: LoopScope | None, trainings: list[Event]) -> bool:
    """Whether what a copy predicts for collected states, and nothing there grades, may be what the network that it was
    copied from is trained with next: the target network of reinforcement learning."""
    if scope is None or scope.over is None or scope.over.type is Type.LOADER or _graded(loop, predict, scope):
        return False
    if Fact.COPY in predict.subject.facts:
        return False  # an average of the weights, not a target network
    alike = [e for e in loop.all(predict.kind) if e.place == predict.place and e.calls[:-1] == predict.calls[:-1]]
    # Code that the trained network runs through in evaluation mode, too, grades both.
    if any(e.subject is not predict.subject and _in_evaluation_mode(loop, e, e.subject) for e in alike):
        return False
    # The same code may play a last time, behind the training.
    same = [e for e in loop.all(predict.kind, about=predict.subject) if e.place == predict.place]
    return loop.path(same, to=trainings) is not None


def _copies(loop: EventGraph, module: AbstractObject, trainings: list[Event]) -> list[Event]:
    """The creation of a copy of a trained module, with its mode: an average of its weights."""
    of = module.options.get(Option.COPY_OF)
    if Fact.COPY in module.facts:
        of = next(iter(module.operands), None)
    if (
        not isinstance(of, AbstractObject)
        or not of.facts.isdisjoint({Fact.MODE_FREE, Fact.IN_EVALUATION})
        or not any(e.is_subject(of) for e in trainings)
    ):
        return []
    return [make for make in loop.all(Kind.MAKE, about=module) if not _in_evaluation_mode(loop, make, of)]


def _in_evaluation_mode(loop: EventGraph, start: Event, module: AbstractObject) -> bool:
    """Whether the module was switched to evaluation mode before: training keeps its statistics on purpose, loading
    does not change the mode."""
    switches = [event for event in loop.all(Kind.EVAL, concerning=module) if event.node < start.node]
    trains = [event for event in loop.all(Kind.TRAIN, concerning=module) if Option.RESTORED not in event.options]
    return loop.path(switches, to=start, avoiding=trains) is not None


def _grades(loop: EventGraph, module: AbstractObject) -> bool:
    """Whether a module is a criterion: what it returns is back-propagated, and computed from predictions. A part of a
    sum that is back-propagated is one if no optimizer updates the module."""
    losses = {id(subject) for event in loop.all(Kind.BACKWARD) for subject in event.subjects}
    own = loop.all(Kind.PREDICT, Kind.FORWARD, about=module)
    if not loop.all(Kind.STEP, concerning=module):
        own = [event for event in own if loop.backwards_through(event)]
    else:
        own = [event for event in own if any(id(out) in losses for out in event.outputs)]
    graded = [thing for event in own for thing in event.inputs]
    return any(not event.is_subject(module) for event in loop.leading_to(graded))


def _restored(loop: EventGraph, switch: Event) -> bool:
    """Whether the same function sets the mode of the module back to what it was before that switch."""
    later = [e for e in loop.all(Kind.TRAIN, about=switch.subject) if e.node > switch.node]
    return any(Option.RESTORED in e.options and e.function == switch.function for e in later)


def _asked_for(loop: EventGraph, switch: Event) -> bool:
    """Whether an argument or a condition chose training mode there, and evaluation mode otherwise."""
    others = [e for e in loop.all(Kind.EVAL, about=switch.subject) if e.calls == switch.calls]
    return loop.inside(switch, Context.ARGUED) or any(loop.in_other_arms(switch, e) for e in others)


def _only_predicts(loop: EventGraph, switch: Event, predict: Event, trainings: list[Event]) -> bool:
    """Whether the function that predicts makes that switch itself, and trains nothing behind it."""
    here = [e for e in trainings if e.function == switch.function]
    return switch.function == predict.function and loop.path(switch, to=here, avoiding=Kind.EVAL) is None


def _generates(loop: EventGraph, predict: Event, trainings: list[Event]) -> bool:
    """Whether another trained network judges what that one makes, and other inputs too: a generator, whose pictures are
    made with the statistics of the batch, or with noise by dropout, on purpose."""
    judged: dict[AbstractObject, set[bool]] = {}
    own = [out for event in loop.all(Kind.PREDICT, Kind.FORWARD, about=predict.subject) for out in event.outputs]
    for event in trainings:
        if not event.is_subject(predict.subject):
            made = any(one.comes_from(out) for one in event.inputs for out in own)
            judged.setdefault(event.subject, set()).add(made)
    return any(len(found) == 2 for found in judged.values())


def _trained_next(loop: EventGraph, predict: Event, trainings: list[Event]) -> bool:
    """Whether that network is trained behind the prediction: what it predicted may be what the training compares with,
    as a memory bank does."""
    return loop.path(predict, to=[e for e in trainings if e.is_subject(predict.subject)]) is not None


def _renews_statistics(loop: EventGraph, switch: Event) -> bool:
    """Whether the same function sets how layers average their statistics, to run the network for those."""
    changed = (event for event in loop.all(Kind.ASSIGN) if Option.CHANGES_AVERAGING in event.options)
    return any(event.function == switch.function for event in changed)


def _sampled(loop: EventGraph, predict: Event, batches: LoopScope) -> bool:
    """Whether the same batch, or all of them, are predicted several times with the same weights: with active dropout,
    that estimates an uncertainty."""
    index = predict.loops.index(batches)
    inner = [scope for scope in predict.loops[index + 1 :] if _is_counted(scope)]
    made_of = [thing for given in predict.inputs for thing in given.ancestry()]
    if any(all(scope not in thing.loops for thing in made_of) for scope in inner):
        return True
    changes = (Kind.STEP, Kind.LOAD, Kind.BACKWARD, Kind.ESCAPE, Kind.HAND_OVER)
    return any(
        not _graded(loop, predict, batches) and not loop.in_iteration(scope, *changes)
        for scope in predict.loops[:index]
        if _is_counted(scope) and batches.over is not None and scope not in batches.over.loops
    )


def _is_counted(scope: LoopScope) -> bool:
    return scope.over is not None and scope.over.type is Type.NUMBER
