"""LOOP604: see `scheduler_before_optimizer`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, Kind
from looplint.events.queries.steps.schedules import moves_rates_of, stepping_loop
from looplint.rule import WARNING, Fix, Mistake, delete, insert_after, rule, unsafe


@rule("LOOP604", severity=WARNING, yields_to=["step-beside-framework"], needs=[Kind.SCHEDULE, Kind.STEP])
def scheduler_before_optimizer(loop: EventGraph) -> Iterator[Mistake]:
    """The learning rate scheduler steps before the optimizer has used the current rate.

    What it does
    ------------
    Looks for a scheduler's `step()` that comes before its optimizer's `step()` in each iteration: at the head of the
    batch loop, or at the head of the epoch.

    Why is this bad?
    ----------------
    Each rate of the schedule comes an iteration too early, and where every call changes it, the first one is never
    used: of a schedule that goes from 0.1 to 0.01 all updates of the first epoch were made with 0.01. PyTorch warns
    once, at the first call only.

    Example
    -------
    ```python
    for epoch in range(epochs):
        scheduler.step()
        for inputs, targets in loader:
            ...
            optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
            optimizer.step()
        scheduler.step()
    ```

    Known limits
    ------------
    A scheduler with an explicit epoch (`scheduler.step(epoch)`, `scheduler.last_epoch = epoch - 1`), or that steps
    under a condition (`if epoch > 0`), is not reported, nor are calls before the loop, which bring a resumed run up to
    date, and schedulers whose class overrides `step`, which may have to be called first.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
    """
    for schedule in loop.all(Kind.SCHEDULE):
        if schedule.inputs or schedule.options or not schedule.loops or Fact.OWN_STEP in schedule.subject.facts:
            continue
        # Who sets its epoch in each pass decides which rate the next step of it gives.
        if any(schedule.loops[-1] in event.loops for event in loop.all(Kind.ASSIGN, about=schedule.subject)):
            continue
        within = stepping_loop(loop, schedule)
        calls = loop.all(Kind.SCHEDULE, about=schedule.subject)
        steps = [step for step in loop.in_iteration(within, Kind.STEP) if moves_rates_of(schedule, step)]
        for step in steps:
            early = loop.path(schedule, to=step, within=within)
            if not early or loop.path(steps, to=calls, within=within):
                continue
            sometimes = loop.conditional(schedule, unlike=step)
            # Which of several schedulers it is decides nothing: all of them step in the same call.
            if not sometimes or loop.dominates(loop.alternatives(schedule), before=step, within=within):
                yield Mistake(
                    schedule,
                    f"`{schedule.name}` steps before `{step.name}`: each learning rate comes one step early",
                    early.with_notes("the rate is changed", "the optimizer uses the next one"),
                    help="step the scheduler after the optimizer",
                    fix=_move(loop, schedule, step),
                )
                break


def _move(loop: EventGraph, schedule: Event, step: Event) -> Fix | None:
    """After the optimizer's step, or after the loop around it."""
    if (
        schedule.function != step.function
        or schedule.loops[-1:] != loop.common(schedule, step)[-1:]
        or not schedule.movable
        or loop.conditional(step, unlike=schedule)
    ):
        return None
    inner = step.loops[len(schedule.loops) :]
    after = inner[0].place if inner else step
    return unsafe("Step the scheduler later", delete(schedule), insert_after(after, schedule.movable))
