"""LOOP313: see `parameter_not_registered`."""

from collections.abc import Iterator

from looplint.modules import ModuleClass
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP313", severity=ERROR, needs=["derived_parameters"])
def parameter_not_registered(module: ModuleClass) -> Iterator[Mistake]:
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
    for tensor in module.derived_parameters:
        if tensor.registered or not module.certain:
            continue
        mended = tensor.mended
        yield Mistake(
            tensor.place,
            f"`self.{tensor.attribute}` is no parameter: `{tensor.operation}` on `nn.Parameter` returns a plain tensor",
            help=f"apply `{tensor.operation}` to the argument of `nn.Parameter`",
            fix=unsafe("Apply it inside `nn.Parameter`", replace(tensor.place, mended)) if mended else None,
        )
