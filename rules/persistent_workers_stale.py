"""LOOP111: see `persistent_workers_stale`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, LoopScope, Option, Trace, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP111", severity=WARNING, preview=True, needs=[Kind.ASSIGN])
def persistent_workers_stale(loop: EventGraph) -> Iterator[Mistake]:
    """A dataset is changed between epochs, and workers that live on keep the one they began with.

    What it does
    ------------
    Looks for a loader with `persistent_workers=True` whose dataset gets another value for an attribute in the loop over
    epochs, one that it reads when it gives a sample.

    Why is this bad?
    ----------------
    Each worker has a copy of the dataset, made when the first epoch begins. With `persistent_workers` no other copy is
    made: what is set later reaches no worker, so that a curriculum, an epoch number or a list of samples stays what it
    was in the first epoch. No error is raised.

    Example
    -------
    ```python
    class Growing(torch.utils.data.Dataset):
        def __init__(self):
            self.level = 0

        def __len__(self):
            return 64

        def __getitem__(self, index):
            return torch.full((6,), float(self.level))


    growing = Growing()
    loader = DataLoader(growing, batch_size=8, num_workers=2, persistent_workers=True)
    for epoch in range(10):
        growing.level = epoch
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
    ```

    Use instead
    -----------
    ```python
    class Growing(torch.utils.data.Dataset):
        def __init__(self):
            self.level = 0

        def __len__(self):
            return 64

        def __getitem__(self, index):
            return torch.full((6,), float(self.level))


    growing = Growing()
    loader = DataLoader(growing, batch_size=8, num_workers=2)
    for epoch in range(10):
        growing.level = epoch
        for inputs in loader:
            optimizer.zero_grad()
            model(inputs).mean().backward()
            optimizer.step()
    ```

    Known limits
    ------------
    Values in shared memory (`multiprocessing.Value`, shared tensors) reach workers: their own attributes are not looked
    at. A loader that is made anew in each epoch is left alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
    """
    reported: set[Event] = set()
    for batches in loop.iterations:
        loader = batches.over
        if loader is None or loader.type is not Type.LOADER or not loader.operands:
            continue
        if loader.options.get("persistent_workers") is not True:
            continue
        made = loop.all(Kind.MAKE, about=loader)
        for change in loop.all(Kind.ASSIGN, about=loader.operands[0]):
            epochs = next((scope for scope in reversed(change.loops) if _is_in(batches, scope)), None)
            if epochs is None or not epochs.is_written or change in reported:
                continue
            if change.options.get(Option.READ_FOR_SAMPLES) and not any(epochs in event.loops for event in made):
                reported.add(change)
                yield Mistake(
                    change,
                    f"the workers of `{loader}` live on, and keep the dataset without this change",
                    Trace((*made[:1],), ("its workers are started once",) if made else ()),
                    help="leave `persistent_workers` out, or keep the value in shared memory",
                )


def _is_in(scope: LoopScope, outer: LoopScope) -> bool:
    around = scope.outer
    while around is not None and around is not outer:
        around = around.outer
    return around is outer
