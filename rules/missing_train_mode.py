"""LOOP302: see `missing_train_mode`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, LoopScope
from looplint.events.queries.modes.after_validation import (
    is_used_by_a_step,
    may_be_undone,
    predictions_beside_training,
    still_in_evaluation_mode,
    training_goes_on,
    trains_by_mode,
)
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
    comes between, nor are modules without layers that have a mode, nor a module that is passed to unknown code which
    may switch it, by its name.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    # A switch without its parentheses is reported as LOOP204, a flag that is set instead as LOOP303.
    validations = predictions_beside_training(loop)
    reported: set[tuple[AbstractObject, tuple[LoopScope, ...]]] = set()
    for predict in loop.trainings():
        if not trains_by_mode(loop, predict):
            continue
        module, where = predict.subject, (predict.subject, predict.loops)
        trained = loop.backwards_through(predict)
        for switch in loop.all(Kind.EVAL, about=module):
            if where in reported or may_be_undone(loop, switch, predict):
                continue
            goals = training_goes_on(loop, switch, predict, trained, validations)
            path = still_in_evaluation_mode(loop, switch, predict, goals, validations)
            if path is None or not is_used_by_a_step(loop, trained, module):
                continue
            # What was predicted before training mode is set is data of the loss: actions that a policy took.
            if not loop.path(predict, to=trained, avoiding=Kind.TRAIN):
                continue
            reported.add(where)
            # Code that also validates cannot switch for itself.
            shared = goals != [predict] or any(event.place == predict.place for event in validations)
            yield Mistake(
                trained[0] if shared else predict,
                f"`{predict.name}` is trained again in evaluation mode: it was not switched back",
                path.with_notes("switched to evaluation mode", "training continues in it"),
                help=f"call `{predict.name}.train()` before training continues",
                fix=None if shared else _switched(loop, switch, predict),
            )


def _switched(loop: EventGraph, switch: Event, predict: Event) -> Fix:
    """The switch back is inserted before the training loop or, if validation is inside it, before the prediction."""
    inner = [scope for scope in predict.loops if scope not in switch.loops and scope.function == predict.function]
    start = inner[0].place if inner else predict
    return unsafe(f"Call `{predict.name}.train()` before training", insert_before(start, f"{predict.name}.train()"))
