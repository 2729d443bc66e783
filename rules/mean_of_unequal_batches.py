"""LOOP703: see `mean_of_unequal_batches`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind
from looplint.rule import NOTE, Mistake, rule


@rule("LOOP703", severity=NOTE, off=True, needs=[Kind.AVERAGE])
def mean_of_unequal_batches(loop: EventGraph) -> Iterator[Mistake]:
    """A mean over batches counts the samples of a smaller last batch more than the others.

    What it does
    ------------
    Looks for a sum of means over batches that is divided by the number of batches, of which the last may be smaller.

    Why is this bad?
    ----------------
    The mean over samples is another number: of 25 samples in batches of 8, the one in the last batch counts 8 times. It
    matters for reported scores on small sets; for a look at the training loss it does not, so that the rule is off.

    Example
    -------
    ```python
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for inputs, targets in val_loader:
        total += criterion(model(inputs), targets).item()
    print(total / len(val_loader))
    ```

    Use instead
    -----------
    ```python
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for inputs, targets in val_loader:
        total += criterion(model(inputs), targets).item() * len(inputs)
    print(total / len(val_loader.dataset))
    ```

    Known limits
    ------------
    Whether the size of the dataset is a multiple of the batch size is not known. Loaders with `drop_last` are left
    alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
    """
    for average in loop.all(Kind.AVERAGE):
        count = average.object
        if count is None or Fact.COUNTS_BATCHES not in count.facts or Fact.EQUAL_BATCHES in count.facts:
            continue
        yield Mistake(
            average,
            "the samples of a smaller last batch count more than the others",
            help="multiply each mean by the size of its batch, and divide by the number of samples",
        )
