"""LOOP801: see `missing_eval_mode`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, How, Kind, LoopScope, Option, Trace
from looplint.events.evaluation import (
    is_criterion,
    is_for_next_training,
    is_generator,
    is_graded,
    is_graded_at_once,
    is_repeated_at_once,
    is_sampled,
    is_target,
    loops_over_batches,
)
from looplint.events.modes import (
    ENDS_TRAINING_MODE,
    copies_in_training_mode,
    is_in_evaluation_mode,
    is_training_mode_meant,
    only_predicts,
    trained_in_one_phase,
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
    layers are all known and have no mode are not reported, nor are those whose `forward` returns something else in
    training mode, nor loops that only run it, to update the statistics of its batch normalisation, or that adapt it to
    each batch first, nor networks that training itself only runs without a graph, nor one that is made elsewhere and in
    the same epoch predicts in evaluation mode, too. A prediction
    outside of a loop over batches is reported only where a criterion grades it, or where a function without recording
    repeats the one that it is trained with, as for the nodes of a graph.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    differentiated, reported, criteria = loop.differentiated(), set(), {}
    modes: dict[AbstractObject, dict[Event, bool]] = {}
    # A flag that is set instead is reported as LOOP303.
    ended: tuple[Kind | Event, ...] = (*ENDS_TRAINING_MODE, *loop.all(Kind.ASSIGN, how="training"))
    for predict in loop.all(Kind.PREDICT, Kind.FORWARD):
        module = predict.subject
        # Predictions inside a network's `forward` are a part of its own prediction.
        inner = loop.inside(predict, Context.FORWARD)
        # What is trained can only be graded where the network predicts it.
        free = Fact.MODE_FREE in module.facts or Fact.RETURNS_BY_MODE in module.facts
        if inner or free or predict.options.get(Option.DROPPED):
            continue
        if module not in criteria:
            criteria[module] = is_criterion(loop, module)
        if criteria[module]:
            continue
        batches = loops_over_batches(loop, predict)
        if predict in differentiated:
            if batches and (switch := trained_in_one_phase(loop, predict, batches[-1], ended)):
                yield Mistake(
                    predict,
                    f"`{predict.name}` is validated in training mode",
                    Trace(
                        (switch, predict), ("training mode is set in one phase", "it still applies in the other one")
                    ),
                    help=f"call `{predict.name}.eval()` in the phase that validates",
                )
            continue
        scope = next((i for i in batches if not loop.in_iteration(i, Kind.BACKWARD, Kind.STEP)), None)
        # Evaluation that adapts the network first trains it for a moment.
        if any(scope in event.loops and event.is_subject(module) for event in differentiated):
            continue
        # With a network, its parts are switched.
        if any((scope, one) in reported for one in module.owners()) or not _evaluates(loop, predict, scope):
            continue
        graded = any(is_graded(loop, predict, each) for each in batches)
        if _is_chosen(loop, predict):
            continue
        if path := _path(loop, predict, scope, graded, ended, modes.setdefault(module, {})):
            reported.add((scope, module))
            where = "loop" if scope is not None else "prediction"
            yield Mistake(
                predict,
                f"`{predict.name}` is validated in training mode",
                path.with_notes("the module is in training mode", "it still is during validation"),
                help=f"call `{predict.name}.eval()` before the {where}, and `{predict.name}.train()` before training "
                "continues",
                fix=_switch(loop, predict, scope, path),
            )


def _evaluates(loop: EventGraph, predict: Event, scope: LoopScope | None) -> bool:
    """Whether a prediction that is not back-propagated evaluates its module, in that loop over batches or at once."""
    # If nothing is back-propagated, the network should probably be trained here (LOOP501).
    if not loop.all(Kind.BACKWARD, concerning=predict.subject) and _is_stepped_around(loop, predict):
        return False
    at_once = scope is None and (is_graded_at_once(loop, predict) or is_repeated_at_once(loop, predict))
    if is_sampled(loop, predict, scope) if scope is not None else not at_once:
        return False
    # A loss that is passed to unknown code may be back-propagated there.
    passed = [loss for event in loop.all(Kind.READ, how=How.HANDED_OVER) for loss in event.subjects]
    return not any(Fact.GRADED in loss.facts and predict.leads_to(loss) for loss in passed)


def _is_chosen(loop: EventGraph, predict: Event) -> bool:
    """Whether the same epoch also predicts in evaluation mode, with a network that is made elsewhere: it may return
    something else in each mode, a loss in one and what it draws in the other."""
    module = predict.subject
    outer = next((s for s in reversed(predict.loops) if s.is_written and not s.goes_over_data), None)
    if not module.external or outer is None:
        return False
    switches = loop.in_iteration(outer, Kind.EVAL, about=module)
    others = [event for event in loop.all(Kind.PREDICT, Kind.FORWARD, about=module) if event is not predict]
    return any(
        loop.path(predict, to=switch, avoiding=loop.trainings(), within=outer)
        and loop.path(switch, to=others, avoiding=Kind.TRAIN, within=outer)
        for switch in switches
    )


def _is_stepped_around(loop: EventGraph, predict: Event) -> bool:
    """Whether an update of the same network is made in a loop around the prediction."""
    steps = loop.all(Kind.STEP, concerning=predict.subject)
    return any(step.loops and loop.common(step, predict) == step.loops for step in steps)


MANY = 16
"""Trainings of a module from which the nearest before a prediction is asked about first."""


def _path(
    loop: EventGraph,
    predict: Event,
    scope: LoopScope | None,
    graded: bool,
    ended: tuple[Kind | Event, ...],
    modes: dict[Event, bool],
) -> Trace | None:
    """A path on which the module is in training mode when it predicts. `graded`: by one of the loops around it."""
    module = predict.subject
    switches = [e for e in loop.all(Kind.TRAIN) if Option.RESTORED not in e.options]
    meant = [e for e in switches if is_training_mode_meant(loop, e, predict)]
    starts = [e for e in switches if e.is_subject(module) and e not in meant]
    if not graded:
        if is_generator(loop, module):
            return None
        # Whoever switches to training mode for results that are kept, and neither graded nor trained with, means it.
        alone = [e for e in starts if only_predicts(loop, e, predict)]
        meant += alone
        starts = [e for e in starts if e not in alone]
    starts += [e for e in _trained_or_loaded(loop, predict, graded, modes) if e not in meant]
    if len(starts) > MANY:
        starts.sort(key=lambda event: (event.node > predict.node, abs(event.node - predict.node)))
    if path := loop.path(starts, to=predict, avoiding=(*ended, *meant), about=module):
        return path
    # A copy keeps its mode where the module that it was made of is switched.
    own = [*loop.all(*ENDS_TRAINING_MODE, about=module), *loop.all(Kind.ESCAPE, concerning=module)]
    copies = [] if is_target(loop, predict, scope) else copies_in_training_mode(loop, module)
    stops = [*own, *loop.all(Kind.READ, how=How.HANDED_OVER), *loop.all(Kind.ASSIGN, how="training")]
    return loop.path(copies, to=predict, avoiding=stops)


def _trained_or_loaded(loop: EventGraph, predict: Event, graded: bool, modes: dict[Event, bool]) -> list[Event]:
    """The trainings of the module, and where its weights are loaded, if it is in training mode there. `modes`: whether
    it is in evaluation mode at these, as far as known."""
    module = predict.subject
    # Trained in the evaluation mode that it was made in (LOOP317), it is validated in that one as well.
    if Fact.IN_EVALUATION in module.facts:
        return []
    # Loading says nothing of the mode of a network that was made elsewhere.
    loads = [] if module.external else [event for event in loop.all(Kind.LOAD) if event.is_subject(module)]
    if loads and not graded and is_for_next_training(loop, predict):
        loads = []
    # What predicts without a graph in training is not trained there.
    trainings = (event for event in loop.trainings() if event.is_subject(module) and not loop.unrecorded(event))
    found = [*loads, *trainings]
    for event in found:
        if event not in modes:
            modes[event] = is_in_evaluation_mode(loop, event, module)
    return [event for event in found if not modes[event]]


def _switch(loop: EventGraph, predict: Event, scope: LoopScope | None, path: Trace) -> Fix | None:
    """Switch to evaluation mode before that loop, and back after it where training continues."""
    trainings = loop.trainings()
    shared = any(event.place == predict.place for event in trainings)
    if scope is None or shared or scope.function != predict.function or scope in path.events[0].loops:
        return None
    actions = [insert_before(scope.place, f"{predict.name}.eval()")]
    again = [event for event in trainings if event.is_subject(predict.subject)]
    if loop.path(predict, to=again, avoiding=Kind.TRAIN, about=predict.subject):
        actions.append(insert_after(scope.place, f"{predict.name}.train()"))
    return unsafe("Switch to evaluation mode around the loop", *actions)
