"""LOOP106: see `rng_made_in_dataset_init`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, Option, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP106", severity=WARNING, needs=[Kind.MAKE, Kind.ASSIGN])
def rng_made_in_dataset_init(loop: EventGraph) -> Iterator[Mistake]:
    """A dataset draws from a generator of its own, of which every worker of the loader has a copy.

    What it does
    ------------
    Looks for a dataset (or a transform passed to it) which creates a source of random numbers in `__init__`, draws from
    it in `__getitem__` or `__call__`, and is loaded by workers without a `worker_init_fn`.

    Why is this bad?
    ----------------
    Each worker is a process with a copy of the dataset, and each copy draws the same numbers. With two workers 8
    samples get 4 different numbers, and since the workers are started again in every epoch, the same 4 in all epochs.

    Example
    -------
    ```python
    class Noisy(torch.utils.data.Dataset):
        def __init__(self, images):
            self.images = images
            self.rng = numpy.random.default_rng(0)

        def __getitem__(self, index):
            return self.images[index] + self.rng.normal()

    loader = torch.utils.data.DataLoader(Noisy(images), num_workers=4)
    optimizer.step()
    ```

    Use instead
    -----------
    ```python
    class Noisy(torch.utils.data.Dataset):
        def __init__(self, images):
            self.images = images

        def __getitem__(self, index):
            return self.images[index] + torch.randn(()).item()

    loader = torch.utils.data.DataLoader(Noisy(images), num_workers=4)
    optimizer.step()
    ```

    Known limits
    ------------
    torch, numpy and `random` themselves are seeded differently in each worker: drawing from them is right. Generators
    that are reset by another method, classes that query their worker, and loaders with a `worker_init_fn` are not
    reported, nor are iterable datasets.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#randomness-in-multi-process-data-loading
    - https://docs.pytorch.org/docs/stable/notes/randomness.html#dataloader
    """
    for make in loop.all(Kind.MAKE):
        if make.subject.type is not Type.LOADER or not _has_workers(make):
            continue
        parts = {id(thing) for thing in _made_of(make.subject) if thing.type is not Type.SAMPLER}
        for assign in loop.all(Kind.ASSIGN):
            if id(assign.subject) not in parts or not assign.options.get(Option.DRAWN_FOR_SAMPLES):
                continue
            if path := loop.path(assign, to=make):
                yield Mistake(
                    assign,
                    f"every worker gets a copy of `{assign.name}.{assign.how}`, and all draw the same numbers",
                    path.with_notes("made once", "copied into each worker, in every epoch"),
                    help="draw from torch, numpy or `random` themselves, or seed it in a `worker_init_fn`",
                )


def _made_of(loader: AbstractObject) -> Iterator[AbstractObject]:
    """The datasets that a loader's workers copy: its own, and the whole behind a part (`random_split`)."""
    for thing in loader.ancestry():
        for whole in thing.owners():
            yield from whole.ancestry()


def _has_workers(make: Event) -> bool:
    options = make.options
    workers = options.get("num_workers", 0)
    return (workers is Ellipsis or (isinstance(workers, int) and workers > 0)) and not (
        options.keys() & {"worker_init_fn", "**"}
    )
