"""LOOP313: see `parameter_not_registered`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP313", severity=ERROR, needs=[Kind.DERIVE])
def parameter_not_registered(graph: EventGraph) -> Iterator[Mistake]:
    """A module keeps a tensor computed from an `nn.Parameter`, which is no parameter itself.

    What it does
    ------------
    Looks for attributes of a module that are assigned `nn.Parameter(...)` with an operation on it: moved
    (`.to(device)`, `.cuda()`), converted (`.double()`), reshaped (`.view(...)`), scaled (`* 0.02`), or passed to a
    function of torch.

    Why is this bad?
    ----------------
    Every operation on a parameter returns a plain tensor. The module does not register it: it is not in `parameters()`,
    so no optimizer trains it (change after training 0.0), and not in `state_dict()`, so it is not saved. A move or a
    sum raises no error; a product or a function fails in the second `backward()`, with a message about a graph that was
    freed.

    Example
    -------
    ```python
    self.bias = nn.Parameter(torch.zeros(64)).to(device)
    ```

    Use instead
    -----------
    ```python
    self.bias = nn.Parameter(torch.zeros(64, device=device))
    ```

    A device needs no move in `__init__` at all: `model.to(device)` moves every parameter.

    Known limits
    ------------
    `.to("cpu")` and `.float()` usually return the parameter itself and are not reported, nor are parameters created
    with `requires_grad=False`, which are constants. With a device that is a variable the mistake shows only where that
    device is not the one the parameter is on already.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
    """
    for derive in graph.all(Kind.DERIVE):
        if derive.options.get(Option.REGISTERED) or derive.object is None or not derive.object.certain:
            continue
        mended = derive.options.get(Option.MENDED)
        yield Mistake(
            derive,
            f"`{derive.name}` is no parameter: `{derive.how}` on `nn.Parameter` returns a plain tensor",
            help=f"apply `{derive.how}` to the argument of `nn.Parameter`",
            fix=unsafe("Apply it inside `nn.Parameter`", replace(derive, mended)) if mended else None,
        )
