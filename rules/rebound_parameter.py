"""LOOP612: see `rebound_parameter`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option, Type
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP612", severity=ERROR, preview=True, needs=[Kind.REBIND])
def rebound_parameter(loop: EventGraph) -> Iterator[Mistake]:
    """A loop over parameters rebinds its target to the updated value: the model keeps the old one.

    What it does
    ------------
    Looks for `p = p - lr * p.grad` where `p` stands for a parameter of a model and is not read any more.

    Why is this bad?
    ----------------
    The assignment binds the name `p` to a new tensor. The parameter is still what it was: the model changed by 0.0 in
    four updates, without an error.

    Example
    -------
    ```python
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p = p - 0.1 * p.grad
        model.zero_grad()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
        model.zero_grad()
    ```

    Known limits
    ------------
    Parameters by name (`named_parameters()`) are not followed. A new value that is put into a list or a dictionary, or
    used otherwise, is not reported: functional code creates new parameters on purpose.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    """
    for bound in loop.all(Kind.REBIND):
        if bound.subject.type is not Type.PARAMETERS or bound.object is None or bound.options.get(Option.READ_AGAIN):
            continue
        others = [one for one in bound.object.ancestry() if not bound.subject.comes_from(one)]
        over = [scope.over for scope in bound.loops if scope.over is not None]
        updates = any(one.type is Type.PARAMETERS for iterable in over for one in (iterable, *iterable.operands))
        # Elsewhere the name of a parameter may be used again for another value.
        if any(Fact.GRADIENT in one.facts or (updates and one.type is Type.PARAMETERS) for one in others):
            yield Mistake(
                bound,
                f"`{bound.name}` becomes a new tensor: the parameter keeps its value",
                help=f"change it in place, under `torch.no_grad()`: `{bound.name} -= ...` or `{bound.name}.copy_(...)`",
            )
