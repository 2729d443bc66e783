"""LOOP804: see `training_in_validation`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind
from looplint.events.queries.modes.evaluation import alternates
from looplint.events.queries.modes.switches import evaluated
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP804", severity=ERROR, preview=True, needs=[Kind.EVAL, (Kind.PREDICT, Kind.FORWARD), Kind.STEP])
def training_in_validation(loop: EventGraph) -> Iterator[Mistake]:
    """The optimizer steps in the validation loop, so that the model is trained on validation data.

    What it does
    ------------
    Looks for a step in evaluation mode, of an optimizer that trains in another loop as well: in a loop over a loader
    named for validation, or in one that alternates with a loop in training mode, in each epoch and with the same
    criterion.

    Why is this bad?
    ----------------
    The code copied from the training loop keeps training: of 16 updates in two epochs 8 are made with validation data.
    The validation loss then says nothing about unseen data, and the best checkpoint is chosen by it.

    Example
    -------
    ```python
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    for inputs, targets in val_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for inputs, targets in val_loader:
            loss = criterion(model(inputs), targets)
    ```

    Known limits
    ------------
    A step under a condition (`if training:`), one on test data (test-time training), another optimizer than that of the
    training loop (architecture search) and loops in training mode are not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    - https://docs.pytorch.org/tutorials/beginner/introyt/trainingyt.html
    """
    steps, reported = loop.all(Kind.STEP), set()
    for step in steps:
        others = [other for other in steps if other.is_subject(step.subject)]
        named = (scope for scope in step.loops if (over := scope.over) and Fact.VALIDATION in over.facts)
        scope = next(named, None)
        if scope is None:
            scope = next(
                (scope for scope in step.loops[-1:] if any(alternates(loop, step, other, scope) for other in others)),
                None,
            )
        if scope is None or scope in reported or all(scope in other.loops for other in others):
            continue
        if loop.conditional(step, within=scope):
            continue
        for predict in loop.in_iteration(scope, Kind.PREDICT, Kind.FORWARD):
            if path := evaluated(loop, predict):
                reported.add(scope)
                yield Mistake(
                    step,
                    f"`{step.name}` steps in a validation loop: the model is trained on validation data",
                    path.with_notes("evaluation begins", "the model is validated here, and trained by the same loop"),
                    help="predict and compute the loss under `torch.no_grad()`, without `backward()` and `step()`",
                )
                break
