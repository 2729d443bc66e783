"""LOOP305: see `layer_built_in_forward`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP305", severity=ERROR, needs=[Kind.BUILD])
def layer_built_in_forward(graph: EventGraph) -> Iterator[Mistake]:
    """A layer with parameters is constructed in each forward pass.

    What it does
    ------------
    Looks at the code that a module's `forward` runs for layers with parameters that are constructed there. Layers
    without parameters (activations, pooling, dropout) are fine, and so are layers whose weights the code reads, sets or
    freezes, layers that are constructed once, under a condition, and kept, and batch normalisation with
    `track_running_stats=False`, which is the same each time.

    Why is this bad?
    ----------------
    The layer gets new random weights in each call, no optimizer knows them, `state_dict` does not hold them, and
    `.to(device)` does not move them. Two passes over the same input differed, in evaluation mode, too.

    Example
    -------
    ```python
    class Head(nn.Module):
        def forward(self, x):
            return nn.Linear(x.size(1), 10)(x)
    ```

    Use instead
    -----------
    ```python
    class Head(nn.Module):
        def __init__(self, features):
            super().__init__()
            self.fc = nn.Linear(features, 10)

        def forward(self, x):
            return self.fc(x)
    ```

    Where the size is known only from the first batch, `nn.LazyLinear(10)` made in `__init__` takes it from there.

    Known limits
    ------------
    Only layers of `torch.nn` and module classes of the same file are known to have parameters. Classes that say they
    are hypernetworks are not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/modules.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html
    """
    for build in graph.all(Kind.BUILD):
        layer = build.subject
        meant = any(Fact.HYPERNETWORK in thing.facts for thing in layer.owners()) or Fact.OWN_WEIGHTS in layer.facts
        if meant or build.options.get(Option.MADE_ONCE) or graph.unrecorded(build):
            continue
        made, method = layer.constructor.removeprefix("torch."), f"{build.object}.{build.function}"
        yield Mistake(
            build,
            f"`{made}` is constructed in each call of `{method}`: its parameters are never trained",
            help="make it in `__init__`, as an attribute of `self`",
        )
