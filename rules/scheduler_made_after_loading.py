"""LOOP617: see `scheduler_made_after_loading`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Type
from looplint.events.queries.steps.schedules import resumes_anew
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP617", severity=WARNING, preview=True, needs=[Kind.MAKE, Kind.LOAD])
def scheduler_made_after_loading(loop: EventGraph) -> Iterator[Mistake]:
    """A run resumes with the first learning rate: the scheduler is made after the optimizer was loaded.

    What it does
    ------------
    Looks for an optimizer whose state is loaded before its scheduler is constructed, when the state of the scheduler is
    loaded afterwards, and the optimizer's not again; or when the state of the scheduler is never loaded, and the loop
    over the epochs begins with the one that the checkpoint says.

    Why is this bad?
    ----------------
    Constructing one of these schedulers sets the rate to that of the first step. Loading its state sets its counter,
    and no rate: the optimizer continues with the first rate (0.1 instead of 0.025 in the first epoch after resuming),
    and `LinearLR`, `ConstantLR` and `SequentialLR`, which compute each rate from the last one, stay wrong to the end.
    No error is raised.

    Example
    -------
    ```python
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    scheduler.load_state_dict(checkpoint["scheduler"])
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        scheduler.step()
    ```

    Use instead
    -----------
    ```python
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        scheduler.step()
    ```

    Known limits
    ------------
    If its state is loaded, only a scheduler that sets the rate in its constructor is reported: `LambdaLR`, `LinearLR`,
    `ConstantLR`, `OneCycleLR`, `CyclicLR`, `CosineAnnealingWarmRestarts` and `SequentialLR` (measured). One with an
    explicit `last_epoch`, or that is constructed with the first epoch, is not reported, nor is one that steps
    anywhere else, as to catch up.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html
    """
    loads = loop.all(Kind.LOAD, how="load_state_dict")
    for make in loop.all(Kind.MAKE):
        scheduler = make.subject
        if scheduler.type is not Type.SCHEDULER or "last_epoch" in scheduler.options or not scheduler.operands:
            continue
        optimizer = scheduler.operands[0]
        early = [e for e in loads if e.is_subject(optimizer)]
        loaded = loop.path(early, to=make, avoiding=[e for e in loop.all(Kind.MAKE) if e.subject is optimizer])
        again = loop.path(make, to=[e for e in loads if e.is_subject(scheduler)])
        if loaded and not any(e.is_subject(scheduler) for e in loads) and (used := resumes_anew(loop, make, early)):
            yield Mistake(
                make,
                f"the run resumes with a later epoch, and the schedule of `{scheduler}` begins anew",
                (loaded + used).with_notes(
                    "the optimizer's state is restored",
                    "the schedule begins here",
                    "it steps as if from the first epoch",
                ),
                help=f"save the state of `{scheduler}`, too, and load it, then that of the optimizer",
            )
        if Fact.SETS_RATE not in scheduler.facts:
            continue
        if loaded and again and not any(load.node > make.node for load in early):
            yield Mistake(
                make,
                f"`{scheduler}` is constructed after `{optimizer}` was loaded: the rate is reset to the first one",
                (loaded + again).with_notes(
                    "the optimizer's rate is restored", "this sets the first rate", "this sets only the counter"
                ),
                help="construct the scheduler first, then load the states of both",
            )
