"""LOOP605: see `scheduler_never_stepped`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, How, Kind, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP605", severity=WARNING, preview=True, needs=[Kind.MAKE])
def scheduler_never_stepped(loop: EventGraph) -> Iterator[Mistake]:
    """A learning rate scheduler is constructed but never stepped: the rate stays constant.

    What it does
    ------------
    Looks for a scheduler over an optimizer that steps in a loop, while nothing steps the scheduler, and code only reads
    its rate or its state. In a LightningModule, for one that `configure_optimizers` makes and does not return, or
    returns with manual optimization, which leaves schedulers to the class. And for one of timm that counts epochs, as
    they do by default, and gets the number of updates only, or the reverse.

    Why is this bad?
    ----------------
    A scheduler without steps changes nothing. A rate that should decay stays constant to the end, where it keeps the
    loss from settling; with warm-up it stays at its small initial value. No error or warning is raised.

    Example
    -------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
    ```

    Use instead
    -----------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step()
    ```

    Known limits
    ------------
    A scheduler that is returned, put into something, or passed to unknown code may be stepped there: it is not
    reported. Neither is an attribute of an object that unknown code constructs, or whose class has a base class in
    another file.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html
    """
    for make in loop.all(Kind.MAKE):
        scheduler = make.subject
        if Fact.LEFT_ALONE in scheduler.facts:
            yield Mistake(
                make,
                f"`{scheduler}` is stepped neither by the framework nor by its class",
                help="return it with the optimizer, or step it in a method of the class with manual optimization",
            )
            continue
        by_updates = loop.all(Kind.READ, about=scheduler, how=How.UPDATES)
        epochs = loop.all(Kind.SCHEDULE, about=scheduler)
        if Fact.IGNORES_EPOCHS in scheduler.facts and epochs and not by_updates:
            if not loop.all(Kind.ESCAPE, about=scheduler):
                yield Mistake(
                    epochs[0],
                    f"`{scheduler}` counts updates and ignores epochs: the learning rate stays constant",
                    help=f"call `{scheduler}.step_update(number)` after each update",
                )
            continue
        if scheduler.type is not Type.SCHEDULER or Fact.IDLE not in scheduler.facts:
            continue
        if epochs:
            continue
        optimizers = [thing for thing in scheduler.ancestry() if thing.type is Type.OPTIMIZER]
        steps = [step for step in loop.all(Kind.STEP) if any(step.is_subject(optimizer) for optimizer in optimizers)]
        if path := loop.path(make, to=[step for step in steps if step.written_loop]):
            yield Mistake(
                by_updates[0] if by_updates else make,
                f"`{scheduler}` counts epochs and ignores the number of updates: the learning rate stays constant"
                if by_updates
                else f"`{scheduler}` is never stepped: the learning rate stays constant",
                path.with_notes("the scheduler is made", "every update uses the same rate"),
                help=f"call `{scheduler}.step()` after the updates of each epoch (or batch, as the scheduler counts)",
            )
