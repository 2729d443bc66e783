"""LOOP112: see `sample_changed_in_place`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Place
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP112", severity=WARNING, preview=True, needs=[Kind.CHANGE])
def sample_changed_in_place(loop: EventGraph) -> Iterator[Mistake]:
    """`__getitem__` changes in place what the dataset keeps: the next epoch gets the changed sample.

    What it does
    ------------
    Looks for a dataset made here whose `__getitem__` takes a tensor, array, list or dict out of what it keeps, and
    changes that object itself.

    Why is this bad?
    ----------------
    What is done to a sample is done again in each epoch, to what is left of it: noise adds up, values that are divided
    by 255 become 0, a token that is put in front stands there twice. With workers that are started anew in each epoch
    it does not happen, so that the data depend on `num_workers`.

    Example
    -------
    ```python
    class Scans(torch.utils.data.Dataset):
        def __init__(self, count):
            self.scans = torch.full((count, 6), 255.0)

        def __len__(self):
            return len(self.scans)

        def __getitem__(self, index):
            scan = self.scans[index]
            scan /= 255
            return scan


    loader = DataLoader(Scans(64), batch_size=8)
    ```

    Use instead
    -----------
    ```python
    class Scans(torch.utils.data.Dataset):
        def __init__(self, count):
            self.scans = torch.full((count, 6), 255.0)

        def __len__(self):
            return len(self.scans)

        def __getitem__(self, index):
            return self.scans[index] / 255


    loader = DataLoader(Scans(64), batch_size=8)
    ```

    Known limits
    ------------
    What the dataset keeps has to be known: where code outside the analysed files returns it, or it is another dataset
    that makes its samples, nothing is reported. Entries that are set without reading them first are taken for a cache.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/tensor_view.html
    - https://docs.pytorch.org/docs/stable/data.html#map-style-datasets
    """
    reported: set[Place] = set()
    for change in loop.all(Kind.CHANGE):
        if change.place not in reported:
            reported.add(change.place)
            yield Mistake(
                change,
                f"this changes `{change.name}`, which the dataset keeps for the next epoch",
                help="change a copy of it (`.clone()`, `.copy()`), or make a new value",
            )
