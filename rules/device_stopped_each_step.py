"""LOOP627: see `device_stopped_each_step`."""

from collections.abc import Iterator

from looplint.events import EventGraph, How, Kind, Trace
from looplint.rule import NOTE, Mistake, rule


@rule("LOOP627", severity=NOTE, off=True, needs=[Kind.COST, Kind.STEP])
def device_stopped_each_step(loop: EventGraph) -> Iterator[Mistake]:
    """Each step waits for the device, or gives its cached memory back.

    What it does
    ------------
    Looks for `torch.cuda.synchronize()` and `torch.cuda.empty_cache()`, and those of other devices, in a loop that
    steps an optimizer. Off by default: it costs time, and changes no result.

    Why is this bad?
    ----------------
    The program normally runs ahead of the device. One that waits in each step leaves the device without work until the
    next batch is prepared; memory that was given back has to be asked for again in the next step, which waits, too (4
    times in an epoch of four batches, instead of never). Emptying the cache does not make room for the program itself:
    it uses cached memory first.

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        torch.cuda.empty_cache()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Calls under a condition are left alone, as are functions that measure time: they have to wait.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/cuda.html#asynchronous-execution
    - https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.empty_cache.html
    """
    for stop in loop.all(Kind.COST):
        if stop.how != How.DEVICE_STOPPED or not stop.loops or loop.conditional(stop, within=stop.loops[-1]):
            continue
        if steps := [step for step in loop.in_iteration(stop.loops[-1], Kind.STEP) if step.loops == stop.loops]:
            yield Mistake(
                stop,
                f"`{stop.name}` stops the device in each step",
                Trace((steps[0],), ("each batch is trained here",)),
                help="leave it out, or call it once per epoch",
            )
