"""LOOP408: see `epsilon_outside`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Graph, Kind, Option
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


@rule("LOOP408", severity=WARNING, needs=[Kind.OFFSET])
def epsilon_outside(loop: EventGraph) -> Iterator[Mistake]:
    """A tiny number is added to a root or logarithm, not inside of it: at zero gradients become NaN.

    What it does
    ------------
    Looks for `torch.sqrt(squares) + eps` and `torch.log(shares) + eps` in what holds a graph, where the root is one of
    a sum or mean of squares, and the shares are the output of a softmax or sigmoid.

    Why is this bad?
    ----------------
    At zero the root has an infinite slope and the squares have none: the gradient is infinity times 0, which is NaN.
    One silent frame or padded row is enough: after the next update every weight before it is NaN. A logarithm of 0 is
    minus infinity, whatever is added. Inside of the function the number keeps both finite.

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        length = torch.sqrt(model(inputs).pow(2).sum(dim=1)) + 1e-8
        (length - 1).pow(2).mean().backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        length = torch.sqrt(model(inputs).pow(2).sum(dim=1) + 1e-8)
        (length - 1).pow(2).mean().backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Roots of variances, norms (whose slope at zero is 0 in PyTorch) and values without a graph are left alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.sqrt.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#gradients-for-non-differentiable-functions
    """
    for offset in loop.all(Kind.OFFSET):
        if offset.subject.graph is not Graph.YES:
            continue
        mended = offset.options.get(Option.MENDED)
        yield Mistake(
            offset,
            f"`{offset.name}` is added outside of the function: at 0 the gradient is still NaN",
            help=f"add `{offset.name}` to what the function is applied to",
            fix=unsafe(f"Write `{mended}`", replace(offset, mended)) if isinstance(mended, str) else None,
        )
