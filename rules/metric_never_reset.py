"""LOOP706: see `metric_never_reset`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, How, Kind, LoopScope, Trace
from looplint.events.iterables import is_of_one_batch
from looplint.rule import WARNING, Mistake, insert_after, rule, unsafe


@rule("LOOP706", severity=WARNING, preview=True, needs=[Kind.MEASURE])
def metric_never_reset(loop: EventGraph) -> Iterator[Mistake]:
    """A metric is computed in each epoch and never reset: it is the mean over all epochs so far.

    What it does
    ------------
    Looks for a metric of torchmetrics or torcheval, or a meter of a class that adds up, divides and can be reset, that
    is made before a loop over epochs, updated with each batch and computed at the end of each epoch, without a
    `reset()`.

    Why is this bad?
    ----------------
    The first epochs stay in the number for ever: an accuracy of 100 % after one of 0 % is reported as 50 %. Early
    stopping and the choice of the best checkpoint go by a number that lags behind, and hides when training gets worse.

    Example
    -------
    ```python
    accuracy = torchmetrics.Accuracy(task="multiclass", num_classes=10)
    for epoch in range(epochs):
        for inputs, targets in val_loader:
            accuracy.update(model(inputs), targets)
        print(accuracy.compute())
    ```

    Use instead
    -----------
    ```python
    accuracy = torchmetrics.Accuracy(task="multiclass", num_classes=10)
    for epoch in range(epochs):
        for inputs, targets in val_loader:
            accuracy.update(model(inputs), targets)
        print(accuracy.compute())
        accuracy.reset()
    ```

    Known limits
    ------------
    Metrics that a framework logs are reset by it and are not looked at; nor are metrics in methods that are called
    from code outside the analysed files, other than those that Lightning calls at the end of each epoch. A meter of a
    class of one's own has to be updated with losses or predictions: one that measures time is left alone, as is one
    that is passed to unknown code.

    References
    ----------
    - https://lightning.ai/docs/torchmetrics/stable/pages/overview.html
    """
    for compute in loop.all(Kind.MEASURE):
        if compute.how == How.PER_EPOCH:
            yield Mistake(
                compute,
                f"`{compute.name}` is never reset: it is computed of all epochs so far",
                Trace((compute,), ("the framework calls this in each epoch",)),
                help=f"call `{compute.name}.reset()` behind it",
            )
            continue
        metric, around = compute.subject, compute.loops
        while around and _chooses(around[-1], compute):
            around = around[:-1]
        if compute.how != How.COMPUTED or not around or not around[-1].is_written or around[-1] in metric.loops:
            continue
        updates = loop.in_iteration(around[-1], Kind.MEASURE, about=metric, how=How.UPDATED)
        # In a loop over batches the metric so far is meant; a loop over epochs holds one in which it trains or updates.
        inner = [*updates, *loop.in_iteration(around[-1], Kind.STEP)]
        if all(len(event.loops) <= len(around) or is_of_one_batch(event, around[-1]) for event in inner):
            continue
        empties = [event for event in loop.in_iteration(around[-1], Kind.EMPTY) if event.comes_from(metric)]
        # Another one that is made in the loop takes its place.
        same = [event.subject for event in loop.all(Kind.MEASURE) if event.place == compute.place]
        if any(around[-1] in one.loops for one in same):
            continue
        if empties or not loop.repeats(around[-1]) or not (path := loop.path(updates, to=compute)):
            continue
        yield Mistake(
            compute,
            f"`{compute.name}` is never reset: it is computed of all epochs so far",
            Trace(path.events[:1], ("each epoch adds to the ones before",)),
            help=f"call `{compute.name}.reset()` in each epoch",
            fix=unsafe("Reset it for the next epoch", insert_after(compute, f"{compute.name}.reset()"))
            if compute.function == around[-1].function
            else None,
        )


def _chooses(around: LoopScope, compute: Event) -> bool:
    """Whether a loop takes another metric in each pass: `metrics[phase].compute()` in `for phase in phases`."""
    return bool(around.target) and f"[{around.target}]" in compute.name
