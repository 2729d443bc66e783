"""LOOP101: see `next_iter_in_loop`."""

from collections.abc import Iterator

from looplint.events import Kind, Loop, Type
from looplint.rule import ERROR, Mistake, insert_before, replace, rule, unsafe


@rule("LOOP101", severity=ERROR)
def next_iter_in_loop(loop: Loop) -> Iterator[Mistake]:
    """Each iteration makes a new iterator over the loader and takes only its first batch.

    What it does
    ------------
    Looks for `next(iter(loader))` inside a loop that predicts with the batch: the loop that trains or evaluates, not
    the epoch loop around it.

    Why is this bad?
    ----------------
    `iter(loader)` starts from the beginning. Without shuffling every iteration gets the first batch (1 distinct batch
    in 4 steps); with shuffling it is drawn anew each time, so that some samples are seen often and some never. With
    workers, all of them are started again in every iteration.

    Example
    -------
    ```python
    for _ in range(steps):
        inputs, targets = next(iter(loader))
        ...
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        ...
    ```

    Known limits
    ------------
    One batch taken on purpose before the loop, once per epoch, every k-th iteration, or from each of several loaders
    that are looped over is not reported, nor one that is drawn from a shuffled loader only to be shown. The fix makes
    the iterator in front of the loop; it raises `StopIteration` where the loop is longer than the loader.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#single-and-multi-process-data-loading
    - https://docs.python.org/3/library/functions.html#iter
    """
    for fetch in loop.all(Kind.FETCH):
        around = [index for index in fetch.loops if loop.iterations[index].kind != "call"]
        if not around or loop.inside(fetch, "periodic"):
            continue
        predictions = [e for e in loop.in_iteration(around[-1], Kind.PREDICT, Kind.FORWARD) if e.loops == fetch.loops]
        batches = [
            index
            for index, inner in enumerate(loop.iterations)
            if inner.outer == around[-1]
            and inner.over
            and inner.over.type is not Type.NUMBER
            and loop.in_iteration(index, Kind.PREDICT, Kind.FORWARD)
        ]
        iteration = loop.iterations[around[-1]]
        # Where the loop itself trains, what goes round inside of it is validation.
        trains = any(event.loops == fetch.loops for event in loop.all(Kind.BACKWARD))
        if not predictions or (batches and not trains) or any(loop.another(fetch, index) for index in around):
            continue
        # A sample that is drawn anew to be shown is neither learnt nor measured.
        used = loop.in_iteration(around[-1], Kind.GRADE, Kind.BACKWARD)
        if not used and fetch.subject.options.get("shuffle", False) is not False:
            continue
        fix = None
        name = f"{fetch.name.rpartition('.')[2]}_batches"
        if fetch.how != "next" and iteration.function == fetch.function and name.isidentifier():
            fix = unsafe(
                "Make the iterator in front of the loop",
                insert_before(iteration.place, f"{name} = iter({fetch.name})"),
                replace(fetch, f"next({name})"),
            )
        yield Mistake(
            fetch,
            f"every iteration starts `{fetch.name}` anew and takes its first batch",
            help=f"loop over `{fetch.name}` itself",
            fix=fix,
        )
