"""LOOP606: see `scheduler_stepped_per_epoch`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, How, Kind, Trace, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP606", severity=WARNING, needs=[Kind.SCHEDULE])
def scheduler_stepped_per_epoch(loop: EventGraph) -> Iterator[Mistake]:
    """A scheduler whose length is counted in batches is stepped once per epoch.

    What it does
    ------------
    Looks for a scheduler with a length in batches (`OneCycleLR(..., steps_per_epoch=len(loader))`,
    `CosineAnnealingLR(optimizer, epochs * len(loader))`), or that counts them by itself (`CyclicLR`), and whose
    `step()` is outside the loop over the batches. Lightning steps what `configure_optimizers` returns once per epoch,
    unless it is returned with `"interval": "step"`.

    Why is this bad?
    ----------------
    Most of the schedule is never reached: with 4 batches an epoch only a quarter of it is used, with 1000 a thousandth.
    The last update was made with the highest rate of the cycle, 1, where 0.000004 was intended.

    Example
    -------
    ```python
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.1, epochs=epochs, steps_per_epoch=len(loader)
    )
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
            optimizer.step()
        scheduler.step()
    ```

    Use instead
    -----------
    ```python
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.1, epochs=epochs, steps_per_epoch=len(loader)
    )
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
            optimizer.step()
            scheduler.step()
    ```

    Known limits
    ------------
    A length that is not computed from `len(loader)` may count anything, and is not reported, nor is a `step` with an
    explicit epoch.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
    - https://lightning.ai/docs/pytorch/stable/common/lightning_module.html#configure-optimizers
    """
    for schedule in loop.all(Kind.SCHEDULE):
        scheduler = schedule.subject
        if schedule.how == How.PER_EPOCH:
            made = loop.origin(scheduler)
            if made is not None and Fact.COUNTS_BATCHES in scheduler.facts:
                yield Mistake(
                    made,
                    f"`{scheduler}` counts batches and steps once per epoch: most of the schedule is never reached",
                    Trace((made, schedule), ("its length is a number of batches", "the framework steps it per epoch")),
                    help='return it in a dictionary with `"interval": "step"`',
                )
            continue
        calls = loop.all(Kind.SCHEDULE, about=scheduler)
        if Fact.COUNTS_BATCHES not in scheduler.facts or any(call.inputs or call.options for call in calls):
            continue
        steps = [event for event in loop.all(Kind.STEP) if any(s.comes_from(event.subject) for s in scheduler.operands)]
        inner = [step for step in steps if _around(loop, schedule, step)]
        if inner and all(any(_around(loop, call, step) for step in inner) for call in calls):
            path = loop.path(inner[0], to=schedule)
            yield Mistake(
                schedule,
                f"`{schedule.name}` counts batches but steps once per epoch: most of the schedule is never reached",
                path and path.with_notes("the optimizer steps for each batch", "the scheduler only for each epoch"),
                help="step it in the batch loop, behind the optimizer",
            )


def _around(loop: EventGraph, schedule: Event, step: Event) -> bool:
    """Whether a loop over batches is around the optimizer's step and not around the scheduler's."""
    inner = step.loops[len(schedule.loops) :]
    overs = [scope.over for scope in inner if scope.kind == "for"]
    batches = any(over is not None and over.type is not Type.NUMBER for over in overs)
    return bool(schedule.loops) and step.loops[: len(schedule.loops)] == schedule.loops and batches
