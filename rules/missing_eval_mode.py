"""LOOP801: see `missing_eval_mode`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, LoopScope, Trace
from looplint.events.queries.modes.evaluation import evaluates, loops_over_batches
from looplint.events.queries.modes.switches import trained_in_one_phase
from looplint.events.queries.modes.training_mode import TrainingMode, ends_training_mode, goes_on_in_it, is_chosen
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
    A validation function with unknown callers may be called in evaluation mode, and code outside the analysed files may
    switch the mode of its arguments if its name says so (`set_mode`, `on_eval_start`): nothing is reported. Networks
    whose layers are all known and have no mode are not reported, nor are those whose `forward` returns something else
    in training mode, nor loops that only run it, to update the statistics of its batch normalisation, or that adapt it
    to each batch first, nor networks that training itself only runs without a graph, nor one that is made elsewhere and
    in the same epoch predicts in evaluation mode, too. A prediction outside of a loop over batches is reported only
    where a criterion grades it, or where a function without recording repeats the one that it is trained with, as for
    the nodes of a graph.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    differentiated, training = loop.differentiated(), TrainingMode(loop)
    reported: set[tuple[LoopScope | None, AbstractObject]] = set()
    for predict in filter(training.matters, loop.all(Kind.PREDICT, Kind.FORWARD)):
        batches = loops_over_batches(loop, predict)
        if predict in differentiated:
            yield from _in_one_phase(loop, predict, batches)
            continue
        scope = next((i for i in batches if not loop.in_iteration(i, Kind.BACKWARD, Kind.STEP)), None)
        # With a network, its parts are switched.
        if any((scope, one) in reported for one in predict.subject.owners()):
            continue
        if not evaluates(loop, predict, scope) or is_chosen(loop, predict):
            continue
        if path := training.lasts(predict, scope, batches):
            reported.add((scope, predict.subject))
            where = "loop" if scope is not None else "prediction"
            yield Mistake(
                predict,
                f"`{predict.name}` is validated in training mode",
                path.with_notes("the module is in training mode", "it still is during validation"),
                help=f"call `{predict.name}.eval()` before the {where}, and `{predict.name}.train()` before training "
                "continues",
                fix=_switch(loop, predict, scope, path),
            )


def _in_one_phase(loop: EventGraph, predict: Event, batches: list[LoopScope]) -> Iterator[Mistake]:
    """One loop trains and validates, and the phase that trains leaves its mode to the other one."""
    if batches and (switch := trained_in_one_phase(loop, predict, batches[-1], ends_training_mode(loop))):
        notes = ("training mode is set in one phase", "it still applies in the other one")
        message = f"`{predict.name}` is validated in training mode"
        cure = f"call `{predict.name}.eval()` in the phase that validates"
        yield Mistake(predict, message, Trace((switch, predict), notes), help=cure)


def _switch(loop: EventGraph, predict: Event, scope: LoopScope | None, path: Trace) -> Fix | None:
    """Switch to evaluation mode before that loop, and back after it where training continues."""
    shared = any(event.place == predict.place for event in loop.trainings())
    if scope is None or shared or scope.function != predict.function or scope in path.events[0].loops:
        return None
    actions = [insert_before(scope.place, f"{predict.name}.eval()")]
    if goes_on_in_it(loop, predict):
        actions.append(insert_after(scope.place, f"{predict.name}.train()"))
    return unsafe("Switch to evaluation mode around the loop", *actions)
