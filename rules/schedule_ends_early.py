"""LOOP619: see `schedule_ends_early`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, LoopScope, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP619", severity=ERROR, preview=True, needs=[Kind.SCHEDULE])
def schedule_ends_early(loop: EventGraph) -> Iterator[Mistake]:
    """A scheduler constructed for the number of epochs steps in every batch.

    What it does
    ------------
    Looks for a scheduler whose length is the number of epochs (`CosineAnnealingLR(optimizer, T_max=epochs)`, with `for
    epoch in range(epochs)`), and whose `step()` is in the loop over the batches.

    Why is this bad?
    ----------------
    The schedule is over after as many batches as there should be epochs. `PolynomialLR` and the schedules of
    transformers then keep a learning rate of 0, so that training stops; `CosineAnnealingLR` returns to its first rate
    and oscillates, hundreds of times in an epoch.

    Example
    -------
    ```python
    scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=epochs)
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
            optimizer.step()
            scheduler.step()
    ```

    Use instead
    -----------
    ```python
    scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=epochs)
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
            optimizer.step()
        scheduler.step()
    ```

    Known limits
    ------------
    The two numbers must be one name, attribute or constant. Schedulers whose length is a period or a distance
    (`StepLR`, `CosineAnnealingWarmRestarts`) may count anything, and are not reported, nor is a `step` with an explicit
    epoch.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
    - https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
    """
    for schedule in loop.all(Kind.SCHEDULE):
        length = schedule.subject.options.get(Option.LENGTH)
        epochs = next((scope for scope in schedule.loops if _runs(scope) == length), None)
        if (
            length is None
            or epochs is None
            or schedule.inputs
            or schedule.options
            or not _per_batch(loop, schedule, epochs)
        ):
            continue
        if not loop.conditional(schedule, within=schedule.loops[-1]) and (path := loop.path(schedule, to=schedule)):
            yield Mistake(
                schedule,
                f"`{schedule.name}` was constructed for one step per epoch, but steps in every batch",
                path.with_notes("steps in the loop over the batches", "and again in the next batch"),
                help="step it once per epoch, or construct it for `epochs * len(loader)` steps",
            )


def _runs(scope: LoopScope) -> object:
    """The number of iterations of a loop: a constant or the object of a number, None if unknown."""
    return None if scope.over is None else scope.over.options.get(Option.LENGTH)


def _per_batch(loop: EventGraph, schedule: Event, epochs: LoopScope) -> bool:
    """Whether the scheduler steps in a loop over data, not over several schedulers, inside the loop over the epochs."""
    inner = schedule.loops[schedule.loops.index(epochs) + 1 :]
    inner = tuple(scope for scope in inner if not loop.iterates_over_subject(schedule, scope))
    return bool(inner) and inner[-1].is_written and inner[-1].goes_over_data
