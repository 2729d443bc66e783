"""LOOP311: see `repeated_layer`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


@rule("LOOP311", severity=WARNING, needs=[Kind.SHARE])
def repeated_layer(graph: EventGraph) -> Iterator[Mistake]:
    """A list contains the same layer several times: all elements share one set of weights.

    What it does
    ------------
    Looks for lists of layers that are made by multiplication, `[nn.Linear(64, 64)] * 4`, or by a comprehension or
    `dict.fromkeys` that repeats an existing layer, or by a loop that appends one, where the layer has parameters.
    Outside of module classes, a list counts where a container of `torch.nn` takes it.

    Why is this bad?
    ----------------
    Multiplying a list repeats the object, it does not create new ones. The network has the parameters of a single layer
    (272 instead of 1,088 for four layers of 16 features), the one layer is trained for all positions, and no error is
    raised.

    Example
    -------
    ```python
    self.layers = nn.ModuleList([nn.Linear(64, 64)] * 4)
    ```

    Use instead
    -----------
    ```python
    self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(4)])
    ```

    For a layer that is passed in, `[copy.deepcopy(layer) for _ in range(4)]`.

    Known limits
    ------------
    Layers without parameters (activations, pooling, dropout) may be shared. Weights that are shared on purpose are
    recognised by what the class, the method, the attribute or a comment says. Only layers of `torch.nn` and module
    classes of the same file are known to have parameters.

    References
    ----------
    - https://docs.python.org/3/library/stdtypes.html#common-sequence-operations
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
    """
    for share in graph.all(Kind.SHARE):
        if share.options.get(Option.ON_PURPOSE):
            continue
        mended = share.options.get(Option.MENDED)
        yield Mistake(
            share,
            f"`{share.name}` is constructed once and repeated in the list: all elements share its weights",
            help="construct a layer for each element, in a comprehension",
            fix=unsafe("Construct a layer for each element", replace(share, mended)) if mended else None,
        )
