"""LOOP113: see `missing_distributed_sampler`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Fact, Kind, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP113", severity=WARNING, preview=True, needs=[Kind.MAKE, Kind.BACKWARD])
def missing_distributed_sampler(loop: EventGraph) -> Iterator[Mistake]:
    """Each process trains on all samples: the loader of a `DistributedDataParallel` model is not divided.

    What it does
    ------------
    Looks for a training loop over a `DataLoader` without a sampler, over a dataset that is the same in each process,
    whose batches a `DistributedDataParallel` model predicts, on a path on which it is wrapped.

    Why is this bad?
    ----------------
    `DistributedDataParallel` averages gradients; it does not divide the data. Without a `DistributedSampler` each
    process goes over the whole dataset: an epoch takes as long as with one process (32 samples in each of two processes
    instead of 16), and every sample is seen as often as there are processes.

    Example
    -------
    ```python
    dataset = torch.utils.data.TensorDataset(inputs, targets)
    loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True)
    model = torch.nn.parallel.DistributedDataParallel(model, device_ids=[rank])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
    ```

    Use instead
    -----------
    ```python
    dataset = torch.utils.data.TensorDataset(inputs, targets)
    sampler = torch.utils.data.DistributedSampler(dataset)
    loader = torch.utils.data.DataLoader(dataset, batch_size=32, sampler=sampler)
    model = torch.nn.parallel.DistributedDataParallel(model, device_ids=[rank])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
    ```

    Known limits
    ------------
    The dataset has to be made in known code, in which nothing is named after a process, a shard or a worker. Loaders
    that a framework prepares are left alone, as are datasets that draw their samples at random, and networks that are
    wrapped under an option of another function than the one that makes the loader.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
    - https://docs.pytorch.org/docs/stable/notes/ddp.html
    """
    wraps = [m for m in loop.all(Kind.MAKE) if Fact.AVERAGES_OVER_PROCESSES in m.subject.facts]
    for make in loop.all(Kind.MAKE) if wraps else ():
        loader = make.subject
        if loader.type is not Type.LOADER or Fact.UNDIVIDED not in loader.facts or Fact.PREPARED in loader.facts:
            continue
        scopes = [scope for scope in loop.iterations if scope.over is loader]
        for predict in loop.trainings():
            wrap = next((wrap for wrap in wraps if predict.is_subject(wrap.subject)), None)
            if wrap is None or loop.inside(predict, Context.ONE_RANK) or not any(s in predict.loops for s in scopes):
                continue
            first, second = (make, wrap) if make.node < wrap.node else (wrap, make)
            # A wrapper under an option of another function may belong to runs that this loader takes no part in.
            elsewhere = wrap.function != make.function and loop.conditional(wrap, unlike=make)
            if elsewhere or not loop.path(first, to=second):
                continue
            if path := loop.path(second, to=predict):
                yield Mistake(
                    make,
                    f"each process goes over all of `{loader}`: it has no `DistributedSampler`",
                    path.with_notes("this is in several processes", "each trains on the same samples"),
                    help="pass a `DistributedSampler` over its dataset, and call `set_epoch` in each epoch",
                )
                break
