"""LOOP616: see `scheduler_on_wrong_optimizer`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.events.queries.steps.schedules import optimizer_of, replaced_behind, schedulers_of_one, without_scheduler
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP616", severity=ERROR, preview=True, needs=[(Kind.MAKE, Kind.SCHEDULE)])
def scheduler_on_wrong_optimizer(loop: EventGraph) -> Iterator[Mistake]:
    """Two schedulers of one kind move the rate of one optimizer, and another optimizer has none.

    What it does
    ------------
    Looks for two schedulers of the same class over the same optimizer, both stepped, beside another optimizer that
    steps, too, and that has no scheduler. Also for a scheduler that is stepped while its optimizer never is, as one of
    the same name was made after the scheduler, and steps in its place.

    Why is this bad?
    ----------------
    Only the name of the second scheduler shows which optimizer it was meant for. The first optimizer's rate falls twice
    as fast (0.001 instead of 0.01 after one epoch with a factor of 0.1), the second one's stays constant. So does
    that of an optimizer that replaced another one. No error is raised.

    Example
    -------
    ```python
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=0.01)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=0.01)
    scheduler_g = torch.optim.lr_scheduler.StepLR(optimizer_g, 30)
    scheduler_d = torch.optim.lr_scheduler.StepLR(optimizer_g, 30)
    for epoch in range(epochs):
        train(generator, optimizer_g)
        optimizer_g.step()
        optimizer_d.step()
        scheduler_g.step()
        scheduler_d.step()
    ```

    Use instead
    -----------
    ```python
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=0.01)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=0.01)
    scheduler_g = torch.optim.lr_scheduler.StepLR(optimizer_g, 30)
    scheduler_d = torch.optim.lr_scheduler.StepLR(optimizer_d, 30)
    for epoch in range(epochs):
        train(generator, optimizer_g)
        optimizer_g.step()
        optimizer_d.step()
        scheduler_g.step()
        scheduler_d.step()
    ```

    Known limits
    ------------
    Combined schedulers (`SequentialLR`, `ChainedScheduler`) belong to one optimizer. Optimizers that come from unknown
    code may have a scheduler there.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
    """
    for make, old, moved in replaced_behind(loop):
        yield Mistake(
            moved.events[-1],
            f"`{make.subject}` moves the rate of an optimizer that never steps: `{old}` was made anew after it",
            moved.with_notes("it is made for the first optimizer", "another one steps"),
            help=f"make `{make.subject}` after the optimizer that steps",
        )
    bare = without_scheduler(loop)
    for first, second in schedulers_of_one(loop) if bare else ():
        if path := loop.path(first, to=second):
            name, other = optimizer_of(second), bare[0].subject
            yield Mistake(
                second,
                f"`{second.subject}` is a second scheduler of `{name}`, and `{other}` has none",
                path.with_notes(f"`{name}` has a scheduler", "it gets another one"),
                help=f"make it for `{other}`, if that was meant",
            )
