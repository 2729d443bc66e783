"""LOOP406: see `swapped_loss_arguments`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, Kind, Option
from looplint.events.queries.gradients.autograd import is_data
from looplint.rule import ERROR, Fix, Mistake, replace, rule, unsafe


@rule("LOOP406", severity=ERROR, preview=True, needs=[Kind.GRADE, (Kind.PREDICT, Kind.FORWARD)])
def swapped_loss_arguments(loop: EventGraph) -> Iterator[Mistake]:
    """A criterion gets its two arguments in the wrong order: targets in place of predictions.

    What it does
    ------------
    Looks for cross-entropy, binary cross-entropy and the negative log-likelihood (as classes or functions) whose first
    argument comes from the batch alone, while the second one is predicted by a network.

    Why is this bad?
    ----------------
    These criteria are not symmetric. Binary cross-entropy takes the logarithm of its first argument: of targets that
    are 0 or 1 it is cut off at -100, so that a loss of 0.735 becomes 51.5 and its gradient says nothing of how wrong a
    prediction is. No error is raised where both have the same shape.

    Example
    -------
    ```python
    criterion = nn.BCELoss()
    for inputs, targets in loader:
        loss = criterion(targets, torch.sigmoid(model(inputs)))
    ```

    Use instead
    -----------
    ```python
    criterion = nn.BCELoss()
    for inputs, targets in loader:
        loss = criterion(torch.sigmoid(model(inputs)), targets)
    ```

    Known limits
    ------------
    Symmetric criteria (mean squared error, L1), divergences, which are used in both directions, and user-defined
    criteria are not reported, nor are targets that are not known to come from a loader, or to be drawn at random.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    batches = loop.iterables()
    for grade in loop.all(Kind.GRADE):
        if Fact.PREDICTION_FIRST not in grade.subject.facts or len(grade.inputs) < 2:
            continue
        first, second = grade.inputs[:2]
        if loop.leading_to([second]) and is_data(first, batches) and loop.can_meet(grade, grade.subject):
            yield Mistake(
                grade,
                f"`{grade.name}` gets the targets as its first argument, where it expects the prediction",
                fix=_swap(grade),
            )


def _swap(grade: Event) -> Fix | None:
    """Possible if both are positional."""
    places = grade.options[Option.ARGUMENTS]
    if len(places) < 2:
        return None
    first, second = places
    return unsafe("Swap the arguments", replace(first, second.text), replace(second, first.text))
