"""LOOP101: see `next_iter_in_loop`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Fact, How, Kind, LoopScope
from looplint.events.queries.loops.repetition import gives_the_same_batch, is_for_each_network, predicts_with_each
from looplint.rule import ERROR, Fix, Mistake, insert_before, replace, rule, unsafe


@rule("LOOP101", severity=ERROR, needs=[Kind.FETCH])
def next_iter_in_loop(loop: EventGraph) -> Iterator[Mistake]:
    """Each iteration creates a new iterator over the loader and takes only its first batch.

    What it does
    ------------
    Looks for `next(iter(loader))` inside a loop that predicts with the batch: the loop that trains or evaluates, not
    the epoch loop around it.

    Why is this bad?
    ----------------
    `iter(loader)` starts from the beginning. Without shuffling every iteration gets the first batch (1 distinct batch
    in 4 steps); with shuffling it is drawn again each time, so that some samples occur often and some never. With
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
    One batch taken on purpose before the loop, once per epoch, every k-th iteration, from each of several loaders that
    are looped over, or for each of several networks is not reported, nor one that is drawn from a shuffled loader only
    to be shown. The fix creates the iterator before the loop; unless the loop counts the loader's batches, it begins
    again after the last one (`iter(int, 1)` never ends).

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#single-and-multi-process-data-loading
    - https://docs.python.org/3/library/functions.html#iter
    """
    for fetch in loop.all(Kind.FETCH):
        around = [scope for scope in fetch.loops if not scope.is_call]
        if not around or loop.inside(fetch, Context.PERIODIC):
            continue
        if (
            not predicts_with_each(loop, fetch, around[-1])
            or is_for_each_network(loop, fetch, around[-1])
            or any(loop.iterates_over_subject(fetch, scope) for scope in around)
        ):
            continue
        if not gives_the_same_batch(loop, fetch, around[-1]):
            continue
        # A sample that is only shown is used neither for training nor for a measurement.
        used = loop.in_iteration(around[-1], Kind.GRADE, Kind.BACKWARD)
        if not used and fetch.subject.options.get("shuffle", False) is not False:
            continue
        yield Mistake(
            fetch,
            f"every iteration restarts `{fetch.name}` and takes its first batch",
            help=f"loop over `{fetch.name}` itself",
            fix=_made_once(fetch, around[-1]),
        )


def _made_once(fetch: Event, iteration: LoopScope) -> Fix | None:
    """An iterator before the loop, advanced once in each iteration; it begins again where the loop may be longer."""
    name = f"{fetch.name.rpartition('.')[2]}_batches"
    if fetch.how == How.NEXT or iteration.function != fetch.function or not name.isidentifier():
        return None
    counts = iteration.over is not None and Fact.COUNTS_BATCHES in iteration.over.facts
    batches = f"iter({fetch.name})" if counts else f"(batch for _ in iter(int, 1) for batch in {fetch.name})"
    return unsafe(
        "Create the iterator before the loop",
        insert_before(iteration.place, f"{name} = {batches}"),
        replace(fetch, f"next({name})"),
    )
