"""LOOP410: see `missing_activation`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option, Place, Trace
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP410", severity=ERROR, preview=True, needs=[Kind.GRADE, Kind.BACKWARD])
def missing_activation(loop: EventGraph) -> Iterator[Mistake]:
    """A linear output is passed to a criterion that expects probabilities or log-probabilities.

    What it does
    ------------
    Looks for what a linear or convolutional layer returns as the prediction passed to `NLLLoss`, `KLDivLoss`,
    `BCELoss`, their functions, or MONAI's Dice-like losses without `sigmoid=True` or `softmax=True`, where no
    activation lies between them on any path and the loss is back-propagated.

    Why is this bad?
    ----------------
    `NLLLoss` takes the negative of the number at the right class and nothing else. The layer makes that number as large
    as it can, whatever the others are: the loss falls below zero without end, and the network learns to shout, not to
    choose. A Dice loss of such numbers is no overlap either, and a perfect prediction does not get the best value.
    `BCELoss` ends with an error in the first batch that has a number outside of 0 to 1.

    Example
    -------
    ```python
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    criterion = nn.NLLLoss()
    loss = criterion(model(inputs), targets)
    ```

    Use instead
    -----------
    ```python
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    criterion = nn.CrossEntropyLoss()
    loss = criterion(model(inputs), targets)
    ```

    Known limits
    ------------
    A network whose `forward` is not known is not reported, nor is `reduction="none"`, where the values may be used
    otherwise, nor an output that is changed in place or passed to unknown code before. A forward hook that replaces the
    output is not recognised.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
    - https://docs.monai.io/en/stable/losses.html#diceloss
    """
    differentiated = [loss for event in loop.all(Kind.BACKWARD) for loss in event.subjects]
    for grade in loop.all(Kind.GRADE):
        wanted = grade.subject.facts & {Fact.TAKES_PROBABILITIES, Fact.TAKES_LOG_PROBABILITIES}
        if not wanted or not grade.options.get(Option.LINEAR_OUTPUT) or grade.options.get("reduction") == "none":
            continue
        if not grade.leads_to(*differentiated) or not loop.can_meet(grade, grade.subject, grade.inputs[0]):
            continue
        logarithms = Fact.TAKES_LOG_PROBABILITIES in wanted
        arguments = grade.options.get(Option.ARGUMENTS)
        given = arguments[0] if isinstance(arguments, tuple) and arguments else None
        yield Mistake(
            given if isinstance(given, Place) else grade,
            f"this criterion expects {'log-' if logarithms else ''}probabilities, but its input is the output of a "
            "linear layer",
            Trace((grade,), ("no activation is applied before",)),
            help="apply `log_softmax` before it, or use `CrossEntropyLoss`"
            if logarithms
            else "apply a sigmoid or softmax before it, or use a criterion that applies it itself",
        )
