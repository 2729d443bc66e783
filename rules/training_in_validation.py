"""LOOP804: see `training_in_validation`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, Kind, LoopScope, Type
from looplint.events.modes import evaluated
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
                (scope for scope in step.loops[-1:] if any(_alternates(loop, step, other, scope) for other in others)),
                None,
            )
        if scope is None or scope in reported or all(scope in other.loops for other in others):
            continue
        if _sometimes(loop, step, scope):
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


def _alternates(loop: EventGraph, step: Event, other: Event, scope: LoopScope) -> bool:
    """Whether, in each iteration of a loop around both, a network is switched to training mode for one loop over
    batches and to evaluation mode for that one (`scope`), and evaluated by the same criterion in both."""
    around, over = loop.common(step, other), scope.over
    if around != step.loops[:-1] or around != other.loops[:-1] or not around or over is None:
        return False
    if over.type is Type.NUMBER or around[-1].is_call:
        return False
    grades = [[e.subject for e in loop.in_iteration(i, Kind.GRADE)] for i in (scope, other.loops[-1])]
    if not any(one is two or one.constructor == two.constructor != "" for one in grades[0] for two in grades[1]):
        return False
    predictions = [loop.in_iteration(i, Kind.PREDICT) for i in (scope, other.loops[-1])]
    return any(
        loop.path(e, to=predictions[0], avoiding=Kind.TRAIN, about=e.subject, within=around[-1])
        and loop.path(t, to=predictions[1], avoiding=Kind.EVAL, about=e.subject, within=around[-1])
        for e in loop.all(Kind.EVAL)
        for t in loop.all(Kind.TRAIN, about=e.subject)
        if e.loops == t.loops == around
    )


def _sometimes(loop: EventGraph, step: Event, scope: LoopScope) -> bool:
    """Whether the loop can continue without the step."""
    low, high = scope.nodes
    return any(
        low <= branch.node < high and start <= step.node < end for branch in loop.branches for start, end in branch.arms
    )
