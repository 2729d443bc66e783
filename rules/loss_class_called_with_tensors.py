"""LOOP404: see `loss_class_called_with_tensors`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Graph, Kind, Type
from looplint.rule import ERROR, Fix, Mistake, replace, rule, safe


@rule("LOOP404", severity=ERROR)
def loss_class_called_with_tensors(loop: EventGraph) -> Iterator[Mistake]:
    """A loss class of `torch.nn` is given predictions and targets where it expects its settings.

    What it does
    ------------
    Looks for `nn.CrossEntropyLoss(outputs, targets)` and the like: a class is called with what a model has predicted,
    or what the call returns is back-propagated.

    Why is this bad?
    ----------------
    The call makes a criterion and takes the tensors for its settings (`weight`, `size_average`, ...). It ends with
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
    Class weights (`nn.CrossEntropyLoss(weights)`) are settings, and are left alone. So are loss classes that are not
    torch's.

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
                f"`{make.name}(...)` makes a criterion and takes the tensors for its settings",
                path
                and path.with_notes(
                    "the call makes a criterion", "backward starts from the criterion, not from a loss"
                ),
                help="make the criterion once, before the loop, and call it",
                fix=_called(make),
            )


def _predicted(thing: AbstractObject) -> bool:
    """Whether something has a graph, or comes out of a module."""
    return thing.graph is Graph.YES or any(one.type is Type.MODULE for one in thing.ancestry() if one is not thing)


def _called(make: Event) -> Fix | None:
    """Settings given by name beside the tensors stay with the class: which are which is for people to say."""
    given = make.place.text.removeprefix(make.name)
    if make.options or not given.startswith("("):
        return None
    return safe(f"Call the criterion: `{make.name}(){given}`", replace(make, f"{make.name}(){given}"))
