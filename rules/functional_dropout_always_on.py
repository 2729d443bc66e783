"""LOOP304: see `functional_dropout_always_on`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, replace, rule, safe


@rule("LOOP304", severity=ERROR, needs=[Kind.DROPOUT])
def functional_dropout_always_on(graph: EventGraph) -> Iterator[Mistake]:
    """Functional dropout in `forward` ignores the mode and stays active in evaluation.

    What it does
    ------------
    Looks at the code that a module's `forward` runs for `F.dropout` (`dropout1d`, `dropout2d`, `dropout3d`) without a
    `training` argument. A call under `if self.training`, or with a rate that depends on it, is fine.

    Why is this bad?
    ----------------
    `training` is True by default: `model.eval()` has no effect on the function. In evaluation mode half of the values
    came out as zero, and two equal inputs gave different outputs. No warning is given.

    Example
    -------
    ```python
    def forward(self, x):
        x = F.dropout(F.relu(self.fc1(x)), p=0.5)
        return self.fc2(x)
    ```

    Use instead
    -----------
    ```python
    def forward(self, x):
        x = F.dropout(F.relu(self.fc1(x)), p=0.5, training=self.training)
        return self.fc2(x)
    ```

    Known limits
    ------------
    Dropout that acts in evaluation on purpose (Monte Carlo dropout, the pre-net of a speech synthesiser) is recognised
    by what the class, the method or a comment says; `training=True` says it best. Functions outside of classes are not
    checked.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval
    """
    for dropout in graph.all(Kind.DROPOUT):
        if graph.inside(dropout, Context.BY_MODE) or dropout.options.get(Option.ON_PURPOSE):
            continue
        cure, mended = dropout.options[Option.CURE], dropout.options.get(Option.MENDED)
        yield Mistake(
            dropout,
            f"`{dropout.name}` in `{dropout.object}.{dropout.function}` is active in evaluation mode, too",
            help=f"pass `{cure}`",
            fix=safe(f"Pass `{cure}`", replace(dropout, mended)) if mended else None,
        )
