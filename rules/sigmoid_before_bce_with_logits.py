"""LOOP402: see `sigmoid_before_bce_with_logits`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option, Place, Trace
from looplint.rule import ERROR, Mistake, delete, replace, rule, unsafe


@rule("LOOP402", severity=ERROR, needs=[Kind.GRADE])
def sigmoid_before_bce_with_logits(loop: EventGraph) -> Iterator[Mistake]:
    """Probabilities are passed to a criterion that expects logits or log-probabilities.

    What it does
    ------------
    Looks for the output of a sigmoid as the prediction passed to `BCEWithLogitsLoss` or
    `binary_cross_entropy_with_logits`, and for the output of a softmax passed to `NLLLoss` or `nll_loss`.

    Why is this bad?
    ----------------
    `BCEWithLogitsLoss` applies the sigmoid itself: on top of probabilities the best loss that can be reached is 0.31
    where the answer is yes and 0.69 where it is no, instead of 0. `NLLLoss` takes the values as log-probabilities: with
    probabilities the loss goes to -1.0 and is not a likelihood any more. No error is raised.

    Example
    -------
    ```python
    criterion = nn.BCEWithLogitsLoss()
    loss = criterion(torch.sigmoid(model(inputs)), targets)
    ```

    Use instead
    -----------
    ```python
    criterion = nn.BCEWithLogitsLoss()
    loss = criterion(model(inputs), targets)
    ```

    Known limits
    ------------
    `logsigmoid` and `log_softmax` are other functions; probabilities in targets, dice terms and metrics are not
    reported. A sigmoid in a network whose source is unknown is missed.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
    """
    for grade in loop.all(Kind.GRADE):
        given = grade.inputs[0] if grade.inputs else grade.subject
        if Fact.TAKES_BINARY_LOGITS in grade.subject.facts and given.facts & {Fact.SIGMOID, Fact.SOFTMAX}:
            of = "one" if Fact.SIGMOID in given.facts else "a softmax"
            message = f"this criterion applies the sigmoid itself, but its input is the output of {of}"
        elif Fact.TAKES_LOG_PROBABILITIES in grade.subject.facts and Fact.SOFTMAX in given.facts:
            message = "this criterion expects log-probabilities, but its input is the output of a softmax"
        else:
            continue
        if not loop.can_meet(grade, grade.subject, given):
            continue
        activation, logits = given.options.get(Option.ACTIVATION), given.options.get(Option.ACTIVATED)
        fix = None
        # What gathers the probabilities of several batches most likely needs them for more than the loss.
        alone = Fact.SIGMOID in given.facts and not given.facts & {Fact.JOINED, Fact.SEVERAL}
        if alone and isinstance(activation, Place) and isinstance(logits, Place):
            whole = given.options.get(Option.ACTIVATES)
            change = delete(whole) if isinstance(whole, Place) else replace(activation, logits.text)
            fix = unsafe("Pass the logits to the criterion", change)
        seen = isinstance(activation, Place) and activation.path == grade.place.path
        yield Mistake(
            activation if isinstance(activation, Place) and seen else grade,
            message,
            Trace((grade,), ("its output is passed to the criterion",)),
            help="pass the expected input; use probabilities only for display",
            fix=fix,
            also=((activation, "it is applied here"),) if isinstance(activation, Place) and not seen else (),
        )
