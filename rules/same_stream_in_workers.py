"""LOOP109: see `same_stream_in_workers`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Type
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP109", severity=ERROR, preview=True, needs=[Kind.MAKE])
def same_stream_in_workers(loop: EventGraph) -> Iterator[Mistake]:
    """An `IterableDataset` never queries its worker: each worker yields the whole stream.

    What it does
    ------------
    Looks for a loader with several workers over an `IterableDataset` whose class iterates over a file or a range and
    does not distinguish workers.

    Why is this bad?
    ----------------
    Each worker has a copy of the dataset and iterates over all of it. An epoch has every sample once for each worker
    (16 samples instead of 8 with two of them), so that an epoch takes longer the more workers there are, and validation
    counts samples several times. No error is raised.

    Example
    -------
    ```python
    class Lines(torch.utils.data.IterableDataset):
        def __init__(self, path):
            self.path = path

        def __iter__(self):
            with open(self.path) as file:
                yield from file


    loader = DataLoader(Lines("train.txt"), batch_size=32, num_workers=4)
    ```

    Use instead
    -----------
    ```python
    class Lines(torch.utils.data.IterableDataset):
        def __init__(self, path):
            self.path = path

        def __iter__(self):
            worker = torch.utils.data.get_worker_info()
            first, every = (0, 1) if worker is None else (worker.id, worker.num_workers)
            with open(self.path) as file:
                yield from itertools.islice(file, first, None, every)


    loader = DataLoader(Lines("train.txt"), batch_size=32, num_workers=4)
    ```

    Known limits
    ------------
    The number of workers has to be a literal. Streams that draw their samples at random, or iterate over another
    dataset, which may distinguish the workers, are not reported, nor are loaders with a `worker_init_fn`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info
    """
    for make in loop.all(Kind.MAKE):
        loader, workers = make.subject, make.subject.options.get("num_workers", 0)
        streams = [source for source in loader.operands if Fact.SAME_IN_WORKERS in source.facts]
        if loader.type is not Type.LOADER or not streams or "worker_init_fn" in loader.options:
            continue
        if isinstance(workers, int) and workers > 1:
            yield Mistake(
                make,
                f"each of {workers} workers yields all of `{streams[0].constructor}`: a sample occurs {workers} times",
                help="yield only one worker's part in `__iter__`: `torch.utils.data.get_worker_info()`",
            )
