"""LOOP804: see `training_in_validation`."""

from collections.abc import Iterator

from looplint.events import Event, Kind, Loop
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP804", severity=ERROR, preview=True)
def training_in_validation(loop: Loop) -> Iterator[Mistake]:
    """The optimizer steps in the validation loop, so that the model is trained on validation data.

    What it does
    ------------
    Looks for a step in evaluation mode, in a loop over a loader that is called one for validation, of an optimizer
    that trains in another loop as well.

    Why is this bad?
    ----------------
    What was copied from the training loop goes on training: of 16 updates in two epochs 8 are made with validation
    data. The validation loss then says nothing about unseen data, and the best checkpoint is chosen by it.

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
    training loop (architecture search) and loops in training mode are left alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    - https://docs.pytorch.org/tutorials/beginner/introyt/trainingyt.html
    """
    steps, reported = loop.all(Kind.STEP), set()
    for step in steps:
        index = next((i for i in step.loops if (over := loop.iterations[i].over) and "validation" in over.facts), None)
        if index is None or index in reported or not any(_trains_beside(step, other, index) for other in steps):
            continue
        if _sometimes(loop, step, index):
            continue
        for predict in loop.in_iteration(index, Kind.PREDICT, Kind.FORWARD):
            switches = loop.all(Kind.EVAL, about=predict.subject)
            if way := loop.path(switches, to=predict, avoiding=Kind.TRAIN, about=predict.subject):
                reported.add(index)
                yield Mistake(
                    step,
                    f"`{step.name}` steps in a validation loop: the model is trained on validation data",
                    way.said("evaluation begins", "the model is validated here, and trained by the same loop"),
                    help="predict and grade under `torch.no_grad()`, without `backward()` and `step()`",
                )
                break


def _trains_beside(step: Event, other: Event, index: int) -> bool:
    """Whether another step of the same optimizer is in no loop over validation data."""
    return other.about(step.subject) and index not in other.loops


def _sometimes(loop: Loop, step: Event, index: int) -> bool:
    """Whether the loop can go on without the step."""
    low, high = loop.iterations[index].nodes
    return any(
        low <= branch.node < high and start <= step.node < end for branch in loop.branches for start, end in branch.arms
    )
