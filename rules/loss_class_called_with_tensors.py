"""LOOP404: see `loss_class_called_with_tensors`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Graph, Kind, Type
from looplint.rule import ERROR, Fix, Mistake, rule, safe, suffix


@rule("LOOP404", severity=ERROR, needs=[Kind.MAKE])
def loss_class_called_with_tensors(loop: EventGraph) -> Iterator[Mistake]:
    """A loss class of `torch.nn` is called with predictions and targets in place of its settings.

    What it does
    ------------
    Looks for `nn.CrossEntropyLoss(outputs, targets)` and the like: a class is called with a prediction, or the result
    of the call is back-propagated.

    Why is this bad?
    ----------------
    The call constructs a criterion and takes the tensors as its options (`weight`, `size_average`, ...). It ends with
    "RuntimeError: Boolean value of Tensor with more than one value is ambiguous" or, where it does not, with a loss
    that is a module and no number.

    Example
    -------
    ```python
    loss = nn.CrossEntropyLoss(model(inputs), targets)
    ```

    Use instead
    -----------
    ```python
    loss = nn.CrossEntropyLoss()(model(inputs), targets)
    ```

    Known limits
    ------------
    Class weights (`nn.CrossEntropyLoss(weights)`) are settings, and are not reported. Neither are loss classes that are
    not torch's.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
    """
    for make in loop.all(Kind.MAKE):
        if make.subject.type is not Type.CRITERION or len(make.inputs) < 2:
            continue
        path = loop.path(make, to=Kind.BACKWARD)
        if path or any(_predicted(given) for given in make.inputs[:2]):
            yield Mistake(
                make,
                f"`{make.name}(...)` constructs a criterion: the tensors become its options",
                path
                and path.with_notes(
                    "the call makes a criterion", "backward starts from the criterion, not from a loss"
                ),
                help="make the criterion once, before the loop, and call it",
                fix=_called(make),
            )


def _predicted(thing: AbstractObject) -> bool:
    """Whether a value has a graph, or is the output of a module."""
    return thing.graph is Graph.YES or any(one.type is Type.MODULE for one in thing.ancestry() if one is not thing)


def _called(make: Event) -> Fix | None:
    """With keyword settings beside the tensors the code does not show which is which: no fix."""
    callee = make.callee
    if make.options or callee is None or callee.text != make.name:
        return None
    given = make.place.text.removeprefix(make.name) or "(...)"
    return safe(f"Call the criterion: `{make.name}(){given}`", suffix(callee, "()"))
