"""LOOP617: see `scheduler_made_after_loading`."""

import re
from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Kind, LoopScope, Option, Trace, Type
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
        if loaded and not any(e.is_subject(scheduler) for e in loads) and (used := _resumed(loop, make, early)):
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


def _resumed(loop: EventGraph, make: Event, loads: list[Event]) -> Trace | None:
    """A path to a step of the scheduler in a loop that begins with what the same checkpoint says; None if it steps
    elsewhere, too, is told the epoch, or may be set by other code."""
    scheduler = make.subject
    steps = loop.all(Kind.SCHEDULE, about=scheduler)
    told = any(step.options.get(Option.ARGUMENT) for step in steps)
    touched = loop.all(Kind.ASSIGN, Kind.READ, Kind.ESCAPE, about=scheduler)
    saved = {id(one) for load in loads for given in load.inputs for one in _made_of(given)}
    scopes = [scope for step in steps for scope in step.loops if _begins(scope, saved)]
    kept = {e.how for e in loop.all(Kind.ASSIGN) if e.object and any(id(one) in saved for one in _made_of(e.object))}
    if kept & _read_for(loop, make):
        return None  # what the checkpoint says of the schedule may be passed to it
    if Fact.KEEPS_RATE in scheduler.facts:
        return None  # its rate is the optimizer's; only the patience begins anew
    if not scopes or told or touched or any(scopes[0] not in step.loops for step in steps):
        return None
    if scopes[0] in make.loops:
        return None  # a schedule of one epoch, such as a warmup of the first one
    starts = re.findall(r"\w+", scopes[0].first[1] if scopes[0].first else "")
    if _read_for(loop, make) & {*starts} - {"self"}:
        return None
    return loop.path(make, to=steps)


def _read_for(loop: EventGraph, make: Event) -> set[str]:
    """The names in what makes an object, in the calls that lead there, and in the conditions around it."""
    written = [make.movable, *(site.text for site in make.calls), *loop.conditions(make)]
    return {name for text in written for name in re.findall(r"\w+", text)}


def _begins(scope: LoopScope, saved: set[int]) -> bool:
    begins = scope.over.options.get(Option.BEGINS) if scope.over is not None else None
    return isinstance(begins, tuple) and any(id(one) in saved for start in begins for one in _made_of(start))


def _made_of(thing: AbstractObject) -> Iterator[AbstractObject]:
    """A value, what it was computed from, and what these are parts of."""
    return (owner for one in thing.ancestry() for owner in one.owners())
