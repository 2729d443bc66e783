"""LOOP306: see `layers_in_plain_list`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP306", severity=ERROR, needs=[Kind.HOLD])
def layers_in_plain_list(graph: EventGraph) -> Iterator[Mistake]:
    """Layers are kept in a plain list, tuple or dict, where the module does not register them.

    What it does
    ------------
    Looks for attributes of a module that hold layers with parameters in a plain list, tuple or dict: written there,
    made by a comprehension, or appended one by one. Layers that are registered otherwise (`nn.ModuleList`,
    `nn.Sequential(*layers)`, `add_module`, `setattr`, an attribute of their own) are fine.

    Why is this bad?
    ----------------
    Only attributes that are modules are registered. The layers in the list are not in `parameters()`, so no optimizer
    trains them (change after training 0.0); `state_dict` does not save them; `.to(device)` and `.eval()` do not reach
    them.

    Example
    -------
    ```python
    self.layers = [nn.Linear(64, 64) for _ in range(4)]
    ```

    Use instead
    -----------
    ```python
    self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(4)])
    ```

    Known limits
    ------------
    A list with a single module in it usually hides one from the module on purpose and is not reported. A list that is
    passed to unknown code may be registered there. Only layers of `torch.nn` and module classes of the same file are
    known to have parameters.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
    """
    for hold in graph.all(Kind.HOLD):
        if hold.options.get(Option.REGISTERED) or hold.object is None or not hold.object.certain:
            continue
        container = "nn.ModuleDict" if hold.how == "dict" else "nn.ModuleList"
        mended = hold.options.get(Option.MENDED)
        yield Mistake(
            hold,
            f"the layers in the {hold.how} `{hold.name}` are not registered and never trained",
            help=f"keep them in an `{container}`",
            fix=unsafe(f"Keep them in an `{container}`", replace(hold, mended)) if mended else None,
        )
