"""LOOP806: see `patience_never_reset`."""

from collections.abc import Iterator

from looplint.events import EventGraph, How, Kind, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP806", severity=WARNING, needs=[Kind.RECORD])
def patience_never_reset(loop: EventGraph) -> Iterator[Mistake]:
    """The counter of epochs without improvement is never reset when there is one.

    What it does
    ------------
    Looks for a counter that is incremented where a value is no better than the best one and that ends the training at a
    limit, in a loop that never resets it.

    Why is this bad?
    ----------------
    Early stopping waits for a number of epochs in a row. A counter that is never reset counts all of them: training
    stops after that many bad epochs in all, long before it is over (after 6 of 10 epochs with a patience of 3, though
    every other epoch was better).

    Example
    -------
    ```python
    best_loss, bad_epochs = float("inf"), 0
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        val_loss = validate(model, val_loader)
        if val_loss < best_loss:
            best_loss = val_loss
        else:
            bad_epochs += 1
        if bad_epochs >= 5:
            break
    ```

    Use instead
    -----------
    ```python
    best_loss, bad_epochs = float("inf"), 0
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        val_loss = validate(model, val_loader)
        if val_loss < best_loss:
            best_loss = val_loss
            bad_epochs = 0
        else:
            bad_epochs += 1
        if bad_epochs >= 5:
            break
    ```

    Known limits
    ------------
    Counter and best value are recognised by their names. A limit on all bad epochs together is possible, if unusual; a
    count of new optimizers, with smaller rates, is not reported.

    References
    ----------
    - https://docs.pytorch.org/ignite/generated/ignite.handlers.early_stopping.EarlyStopping.html
    - https://page.mi.fu-berlin.de/prechelt/Biblio/stop_tricks1997.pdf
    """
    for count in loop.all(Kind.RECORD):
        inner = loop.innermost(count)
        if count.how != How.COUNTS or inner is None or not inner.is_written:
            continue
        records = loop.in_iteration(inner, Kind.RECORD)
        same = [event for event in records if event.is_subject(count.subject)]
        better = [
            event
            for event in records
            if event.how == How.BETTER
            and event.loops == count.loops
            and loop.conditional(count, unlike=event, within=inner)
            and loop.conditional(event, unlike=count, within=inner)
        ]
        stops = [event for event in same if event.how == How.STOPS]
        trains = loop.in_iteration(inner, Kind.STEP, Kind.BACKWARD, Kind.PREDICT)
        if not better or not stops or not trains or any(event.how == How.BEGINS for event in same):
            continue
        # Where the optimizer is made anew, with another rate, that is counted.
        renewed = [
            event for event in loop.made(Type.OPTIMIZER) if loop.conditional(event, unlike=better[0], within=inner)
        ]
        if any(
            event.loops == count.loops and not loop.conditional(event, unlike=count, within=inner) for event in renewed
        ):
            continue
        if path := loop.path(better, to=count):
            yield Mistake(
                count,
                f"`{count.name}` is never reset when `{better[0].name}` gets better: it counts all bad epochs",
                path.with_notes("an improvement leaves the counter as it is", "the next bad epoch keeps counting"),
                help=f"set `{count.name} = 0` where `{better[0].name}` is set",
            )
