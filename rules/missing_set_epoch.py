"""LOOP102: see `missing_set_epoch`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, EventGraph, Fact, Kind, Type
from looplint.events.queries.loops.repetition import repetitions
from looplint.rule import WARNING, Mistake, insert_before, rule, unsafe


@rule("LOOP102", severity=WARNING, needs=[Kind.BACKWARD])
def missing_set_epoch(loop: EventGraph) -> Iterator[Mistake]:
    """`set_epoch` is never called on a `DistributedSampler`, so each epoch has the same order.

    What it does
    ------------
    Looks for a loop over a loader with a shuffling `DistributedSampler` inside another loop (the epochs) without a call
    of the sampler's `set_epoch`; also over a shuffled `IterableDataset` of Hugging Face datasets.

    Why is this bad?
    ----------------
    The sampler shuffles with `seed + epoch`. While the epoch stays 0, all epochs use the data in the same order and
    every process keeps the same share: two epochs of 4 batches had 4 different ones instead of 8.

    Example
    -------
    ```python
    sampler = DistributedSampler(dataset)
    loader = DataLoader(dataset, batch_size=8, sampler=sampler)
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
    ```

    Use instead
    -----------
    ```python
    sampler = DistributedSampler(dataset)
    loader = DataLoader(dataset, batch_size=8, sampler=sampler)
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        for inputs, targets in loader:
            ...
    ```

    Known limits
    ------------
    The construction of the sampler has to be in known code. Validation loops, `shuffle=False`, a single epoch, and
    loaders that a framework prepared (Accelerate, Fabric, Lightning) are not reported, nor are samplers that are passed
    to unknown code.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
    - https://github.com/pytorch/pytorch/issues/31771
    """
    reported: list[AbstractObject] = []
    for loader, epochs, iteration in repetitions(loop):
        made_of = list(loader.ancestry())
        sampler = next((thing for thing in made_of if Fact.ORDER_OF_EPOCH in thing.facts), None)
        if sampler is None or sampler.options.get("shuffle") is False or Fact.PREPARED in loader.facts:
            continue
        # A batch, or the loss of one, derives from the loader but does not affect it; nor does a network that cuts off
        # a part of it.
        aware = [e for e in loop.all(Kind.SET_EPOCH, Kind.READ, Kind.ESCAPE) if e.how != "detach"]
        affected = [thing for event in aware for thing in event.subjects]
        known = [thing for thing in affected if thing.comes_from(sampler) or thing.comes_from(loader)]
        if sampler in reported or any(thing.type is not Type.TENSOR for thing in known):
            continue
        reported.append(sampler)
        fix = None
        what = "sampler" if sampler.type is Type.SAMPLER else "stream"
        if what == "sampler" and epochs.target.isidentifier() and iteration and epochs.function == iteration.function:
            call = f"{loader}.sampler.set_epoch({epochs.target})"
            # In one process the same loader may have another sampler.
            made, used = loop.origin(sampler), loop.in_iteration(iteration, Kind.BACKWARD)
            if made is not None and used and loop.conditional(made, unlike=used[0]):
                call = f'if hasattr({loader}.sampler, "set_epoch"):\n    {call}'
            fix = unsafe("Call `set_epoch` on the sampler", insert_before(iteration.place, call))
        yield Mistake(
            loop.origin(sampler) or epochs.place,
            f"every epoch uses `{loader}` in the same order: `set_epoch` is never called on this {what}",
            help=f"call the {what}'s `set_epoch(epoch)` at the start of each epoch",
            fix=fix,
        )
