"""LOOP705: see `loss_divided_by_samples`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, How, Kind, Option, Place, Trace
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


@rule("LOOP705", severity=WARNING, needs=[Kind.AVERAGE])
def loss_divided_by_samples(loop: EventGraph) -> Iterator[Mistake]:
    """Means over batches are added up and divided by the number of samples: too small by the batch size.

    What it does
    ------------
    Looks for a sum of losses that are means over a batch already, divided by the length of the dataset.

    Why is this bad?
    ----------------
    The number that is logged is the loss divided by the batch size: with batches of 8, 0.13 where 1.06 is right. It
    changes with the batch size, cannot be compared with other runs or with a loss that is averaged otherwise, and
    thresholds on it mean something else.

    Example
    -------
    ```python
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for inputs, targets in val_loader:
        total += criterion(model(inputs), targets).item()
    print(total / len(val_loader.dataset))
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
    A criterion outside the analysed files may return a sum: nothing is reported. Losses that are multiplied by anything
    but a number that is written out are taken to be sums, and batches of one sample are left alone. So is a quotient
    that is multiplied afterwards: by the size of a batch, the number is right.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    scaled = {event.subject.place for event in loop.all(Kind.READ, how=How.AVERAGE_SCALED)}
    for average in loop.all(Kind.AVERAGE):
        count, divisor = average.object, average.options.get(Option.DIVISOR)
        if count is None or Fact.COUNTS_SAMPLES not in count.facts or not isinstance(divisor, Place):
            continue
        # It is multiplied by the size of a batch afterwards.
        if average.place in scaled:
            continue
        loader = average.options.get(Option.LOADER)
        fix = unsafe(f"Divide by `len({loader})`", replace(divisor, f"len({loader})")) if loader else None
        yield Mistake(
            average,
            f"means over batches are divided by the number of samples, `{divisor.text}`",
            Trace((average,), ("each of the means that were added up was divided by the batch size before",)),
            help="divide by the number of batches, or multiply each mean by the size of its batch",
            fix=fix,
        )
