"""LOOP616: see `scheduler_on_wrong_optimizer`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Kind, Type
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
    yield from _left_behind(loop)
    # Those that are attributes are made elsewhere.
    first_uses = {event.subject: event for event in reversed(loop.all(Kind.SCHEDULE, Kind.STEP))}
    first_uses |= {make.subject: make for make in loop.all(Kind.MAKE)}
    known = [event for thing, event in first_uses.items() if thing.certain]
    made = [event for event in known if event.subject.type is Type.SCHEDULER and event.subject.operands]
    joined = [source for make in made for source in make.subject.operands if source.type is Type.COLLECTION]
    if joined:
        return
    scheduled = {id(_optimizer(make)) for make in made}
    bare = [
        make
        for make in known
        if make.subject.type is Type.OPTIMIZER
        and id(make.subject) not in scheduled
        and (loop.all(Kind.STEP, about=make.subject) or Fact.OF_FRAMEWORK in make.subject.facts)
    ]
    for first, second in ((a, b) for a in made for b in made if a.node < b.node):
        if not bare or _optimizer(first) is not _optimizer(second):
            continue
        if first.subject.constructor != second.subject.constructor or first.kind is not second.kind:
            continue
        if _optimizer(first).type is not Type.OPTIMIZER or not _both_step(loop, first, second):
            continue
        if path := loop.path(first, to=second):
            name, other = _optimizer(second), bare[0].subject
            yield Mistake(
                second,
                f"`{second.subject}` is a second scheduler of `{name}`, and `{other}` has none",
                path.with_notes(f"`{name}` has a scheduler", "it gets another one"),
                help=f"make it for `{other}`, if that was meant",
            )


def _left_behind(loop: EventGraph) -> Iterator[Mistake]:
    """Schedulers whose optimizer was replaced by one of the same name."""
    made = {make.subject: make for make in loop.all(Kind.MAKE)}
    optimizers = [thing for thing in made if thing.type is Type.OPTIMIZER]
    used = loop.all(Kind.STEP, Kind.READ, Kind.ESCAPE, Kind.REFERENCE)
    for scheduler, make in made.items():
        if scheduler.type is not Type.SCHEDULER or not scheduler.operands or _optimizer(make) not in made:
            continue
        old = _optimizer(make)
        if any(event.is_subject(old) for event in used):
            continue
        if any(one is not old and old in one.ancestry() for one in optimizers):
            continue  # the later one wraps it, and shares its groups
        inner = make.loops[-1] if make.loops else None
        anew = [one for one in optimizers if one.name == old.name and made[one].node > make.node]
        later = [one for one in anew if one.related(old) and loop.path(make, to=made[one], within=inner)]
        steps = [step for step in loop.all(Kind.STEP) if any(step.is_subject(one) for one in later)]
        moves = loop.all(Kind.SCHEDULE, about=scheduler)
        if steps and (path := loop.path(make, to=moves, avoiding=loop.all(Kind.LOAD, about=scheduler))):
            yield Mistake(
                path.events[-1],
                f"`{scheduler}` moves the rate of an optimizer that never steps: `{old}` was made anew after it",
                path.with_notes("it is made for the first optimizer", "another one steps"),
                help=f"make `{scheduler}` after the optimizer that steps",
            )


def _optimizer(make: Event) -> AbstractObject:
    return make.subject.operands[0]


def _both_step(loop: EventGraph, first: Event, second: Event) -> bool:
    """Whether both are constructed, and then step in the same code."""
    if loop.conditional(first, unlike=second) or loop.conditional(second, unlike=first):
        return False
    if Fact.OF_FRAMEWORK in _optimizer(first).facts:
        return first.kind is Kind.MAKE and first.function == second.function
    moved = loop.all(Kind.SCHEDULE, about=first.subject)
    also = loop.all(Kind.SCHEDULE, about=second.subject)
    behind = second.node if second.kind is Kind.MAKE else first.node - 1
    return any(one.loops == other.loops and one.node > behind for one in moved for other in also)
