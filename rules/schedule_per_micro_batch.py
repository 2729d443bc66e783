"""LOOP615: see `schedule_per_micro_batch`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, EventGraph, Fact, Kind, Option
from looplint.events.queries.steps.micro_batches import micro_batches_beside, optimizers_wait
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP615", severity=ERROR, preview=True, needs=[Kind.SCHEDULE, Kind.STEP])
def schedule_per_micro_batch(loop: EventGraph) -> Iterator[Mistake]:
    """A schedule that counts updates moves with every micro-batch, though the optimizer steps every few.

    What it does
    ------------
    Looks for gradients that are accumulated over several batches, with a scheduler constructed for the number of
    updates (`len(loader) // k`) and steps in every batch; inside Accelerate's `accumulate` too, if it was not prepared.
    Also for one constructed for the number of batches that steps with every update.

    Why is this bad?
    ----------------
    The schedule runs `k` times too fast: with two micro-batches for an update it is over after half of the training,
    and the rest is trained with the last learning rate, which often is 0. No error is raised.

    Example
    -------
    ```python
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader) // k)
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / k
        loss.backward()
        if (i + 1) % k == 0:
            optimizer.step()
            optimizer.zero_grad()
        scheduler.step()
    ```

    Use instead
    -----------
    ```python
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(loader) // k)
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / k
        loss.backward()
        if (i + 1) % k == 0:
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()
    ```

    Known limits
    ------------
    A schedule whose length is not computed from `len(loader)`, divided by something, may count batches and is not
    reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    """
    for schedule in loop.all(Kind.SCHEDULE):
        scheduler = schedule.subject
        inner = loop.innermost(schedule)
        if inner is None or Fact.COUNTS_UPDATES not in scheduler.facts or loop.conditional(schedule, within=inner):
            continue
        steps = [s for s in loop.in_iteration(inner, Kind.STEP) if s.is_part_of(scheduler)]
        waits = optimizers_wait(loop, schedule) and all(Fact.PREPARED in s.subject.facts for s in steps)
        rarer = all(s.loops == schedule.loops and (waits or loop.conditional(s, within=inner)) for s in steps)
        if steps and rarer and micro_batches_beside(loop, schedule) and (path := loop.path(steps, to=schedule)):
            yield Mistake(
                schedule,
                f"`{schedule.name}` counts updates, and steps with every micro-batch",
                path.with_notes("the optimizer steps every few batches", "the scheduler in each"),
                help="step it where the optimizer steps",
            )

    yield from _too_long(loop)


def _too_long(loop: EventGraph) -> Iterator[Mistake]:
    """Schedules that are as long as all batches, and step with the optimizer every few."""
    for schedule in loop.all(Kind.SCHEDULE):
        length = schedule.subject.options.get(Option.LENGTH)
        inner = loop.innermost(schedule)
        if inner is None or not isinstance(length, AbstractObject) or Fact.COUNTS_BATCHES not in length.facts:
            continue
        if Fact.COUNTS_UPDATES in length.facts or loop.inside(schedule, Context.ACCUMULATE):
            continue
        own = [s for s in loop.in_iteration(inner, Kind.STEP) if s.is_part_of(schedule.subject)]
        together = all(s.loops == schedule.loops and loop.inside(s, Context.PERIODIC) for s in own)
        backwards = micro_batches_beside(loop, schedule)
        if own and together and backwards and loop.inside(schedule, Context.PERIODIC):
            if path := loop.path(backwards, to=schedule):
                yield Mistake(
                    schedule,
                    f"`{schedule.name}` is as long as all micro-batches, and steps with every update: it ends early",
                    path.with_notes("each micro-batch counts in its length", "it steps every few of them"),
                    help="divide its length by the number of micro-batches of an update",
                )
