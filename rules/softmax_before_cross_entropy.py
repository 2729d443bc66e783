"""LOOP401: see `softmax_before_cross_entropy`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option, Place, Trace
from looplint.rule import ERROR, Mistake, delete, replace, rule, unsafe


@rule("LOOP401", severity=ERROR, needs=[Kind.GRADE])
def softmax_before_cross_entropy(loop: EventGraph) -> Iterator[Mistake]:
    """Probabilities are passed to cross-entropy, which expects logits: softmax is applied twice.

    What it does
    ------------
    Looks for the output of a softmax (function, layer, or the last step of a network's `forward`) as the prediction
    passed to `CrossEntropyLoss` or `cross_entropy`.

    Why is this bad?
    ----------------
    Cross-entropy applies `log_softmax` itself. On top of probabilities it can never come near zero: with 10 classes
    the best loss that can be reached is 1.46 instead of 0, and the gradients are small. No error is raised.

    Example
    -------
    ```python
    probabilities = F.softmax(model(inputs), dim=1)
    loss = F.cross_entropy(probabilities, targets)
    ```

    Use instead
    -----------
    ```python
    logits = model(inputs)
    loss = F.cross_entropy(logits, targets)
    ```

    Known limits
    ------------
    `log_softmax` before cross-entropy is harmless and not reported, nor are probabilities as targets and in metrics. A
    softmax in a network whose source is unknown is missed.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
    """
    for grade in loop.all(Kind.GRADE):
        if (
            Fact.TAKES_LOGITS not in grade.subject.facts
            or not grade.inputs
            or Fact.SOFTMAX not in grade.inputs[0].facts
            or not loop.can_meet(grade, grade.subject, grade.inputs[0])
        ):
            continue
        given = grade.inputs[0]
        activation, logits = given.options.get(Option.ACTIVATION), given.options.get(Option.ACTIVATED)
        fix = None
        # What gathers the probabilities of several batches most likely needs them for more than the loss.
        gathered = given.facts & {Fact.JOINED, Fact.SEVERAL}
        if isinstance(activation, Place) and isinstance(logits, Place) and not gathered:
            whole = given.options.get(Option.ACTIVATES)
            change = delete(whole) if isinstance(whole, Place) else replace(activation, logits.text)
            fix = unsafe("Pass the logits to the criterion", change)
        seen = isinstance(activation, Place) and activation.path == grade.place.path
        yield Mistake(
            activation if isinstance(activation, Place) and seen else grade,
            "cross-entropy applies softmax itself, but its input is the output of one",
            Trace((grade,), ("cross-entropy applies it again",)),
            help="pass the logits; apply softmax only where probabilities are displayed",
            fix=fix,
            also=((activation, "it is applied here"),) if isinstance(activation, Place) and not seen else (),
        )
