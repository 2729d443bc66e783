"""LOOP316: see `sequence_not_batch_first`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP316", severity=ERROR, needs=[Kind.PICK])
def sequence_not_batch_first(graph: EventGraph) -> Iterator[Mistake]:
    """A layer along sequences without `batch_first` is read as if the batch came first.

    What it does
    ------------
    Looks for an `LSTM`, `GRU`, `RNN`, `MultiheadAttention` or `TransformerEncoder` made without `batch_first=True`, of
    whose output `[:, -1]` (or the index `x.size(1) - 1`) is taken, or a mean, sum or maximum along dimension 1.

    Why is this bad?
    ----------------
    Such a layer takes and gives (time, batch, features): `[:, -1]` is the last sample of the batch at all times, not
    the last time of all samples. Where the input has the batch first, the layer runs along the batch, and what it gives
    for a sample depends on those before it in the batch. Shapes fit, no error is raised, and the network still learns
    a little.

    Example
    -------
    ```python
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(16, 32)
            self.head = nn.Linear(32, 3)

        def forward(self, x):
            out, _ = self.rnn(x)
            return self.head(out[:, -1])
    ```

    Use instead
    -----------
    ```python
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(16, 32, batch_first=True)
            self.head = nn.Linear(32, 3)

        def forward(self, x):
            out, _ = self.rnn(x)
            return self.head(out[:, -1])
    ```

    Known limits
    ------------
    Outputs whose dimensions are changed first, and inputs that may hold a single sequence, are left alone. Layers that
    are no attribute of a module are not looked at.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """
    for pick in graph.all(Kind.PICK):
        made, mended = pick.subject.place, pick.options.get(Option.MENDED)
        yield Mistake(
            pick,
            f"`{pick.name}` gives (time, batch, features): this takes one sample of the batch for one time",
            help=f"make `{pick.name}` with `batch_first=True`, or index the first dimension",
            fix=unsafe("Let the batch come first", replace(made, mended)) if made and mended else None,
            also=((made, "it is made without `batch_first`"),) if made else (),
        )
