"""LOOP309: see `bypassed_wrapper`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, How, Kind, Option, Place
from looplint.rule import ERROR, Fix, Mistake, replace, rule, unsafe


@rule("LOOP309", severity=ERROR, preview=True, needs=[(Kind.PREDICT, Kind.FORWARD), Kind.BACKWARD, Kind.STEP])
def bypassed_wrapper(loop: EventGraph) -> Iterator[Mistake]:
    """Training predicts with the module inside `DistributedDataParallel`: gradients are not averaged.

    What it does
    ------------
    Looks for a prediction with `ddp.module`, or with the module that was wrapped, whose loss is back-propagated and
    used by a step, after `DistributedDataParallel` was made around it; and for one with the `.module` of what
    `fabric.setup` returned, with the strategy "ddp".

    Why is this bad?
    ----------------
    The wrapper prepares the averaging of gradients when it is called itself. Without that every process trains on its
    own data alone: in 4 updates gradients are averaged 0 times, the replicas drift apart, and the checkpoint is that
    of one of them.

    Example
    -------
    ```python
    ddp = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    ddp = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(ddp(inputs), targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Evaluation, losses that also come from the wrapper, and loops that read gradients (they may average them by hand)
    are not reported. Wrappers other than `DistributedDataParallel` and Fabric's are not checked.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
    - https://docs.pytorch.org/docs/stable/notes/ddp.html#internal-design
    - https://lightning.ai/docs/fabric/stable/api/wrappers.html
    """
    yield from _past_a_framework(loop)
    steps, backwards = loop.all(Kind.STEP), loop.all(Kind.BACKWARD)
    by_hand = loop.all(Kind.READ, how=How.GRADIENT)
    made = {id(make.subject): make for make in loop.all(Kind.MAKE)}
    things = [make.subject for make in made.values()] + [t for step in steps for t in step.subject.ancestry()]
    wrappers = {id(t): t for t in things if Fact.AVERAGES_OVER_PROCESSES in t.facts and t.operands}
    predictions = loop.all(Kind.PREDICT, Kind.FORWARD) if wrappers else []
    for wrapper in wrappers.values():
        through = [p for p in predictions if p.is_subject(wrapper)]
        recorded = [p for p in through if not loop.unrecorded(p)]
        synced = [b for b in backwards if any(p.leads_to(*b.subjects) for p in recorded)]
        # A prediction that no loss uses still prepares the wrapper for the next backward, whatever that one is about.
        primed = [p for p in recorded if not any(p.leads_to(*b.subjects) for b in backwards)]
        for predict in predictions:
            # Frameworks wrap what is passed to their `prepare`.
            prepared = Fact.PREPARED in predict.subject.facts
            if prepared or not _is_inside(predict, wrapper) or any(p.place == predict.place for p in through):
                continue
            alone = [b for b in loop.backwards_through(predict) if b not in synced]
            alone = [b for b in alone if not any(loop.path(p, to=b, within=loop.innermost(p, b)) for p in primed)]
            used = loop.all(Kind.STEP, concerning=wrapper)
            stops = [*synced, *by_hand, *loop.all(Kind.CLEAR)]
            path = loop.path(alone, to=used, avoiding=stops)
            make = made.get(id(wrapper))
            if path is None or (make and not loop.path(make, to=predict, within=loop.innermost(make, predict))):
                continue
            # A part predicts in a method of the module: what bypasses the wrapper is the call of that method.
            whole = predict.is_subject(wrapper.operands[0])
            at = predict if whole or not predict.calls else predict.calls[-1]
            called = predict.name if isinstance(at, Event) else at.text.partition("(")[0]
            reached = make is not None and make.function == predict.function and wrapper.name != predict.name
            yield Mistake(
                at,
                f"`{called}` is called directly, bypassing `DistributedDataParallel`: gradients are not averaged",
                path.with_notes(*NOTES),
                fix=_through(predict, wrapper) if whole and reached else None,
            )


def _past_a_framework(loop: EventGraph) -> Iterator[Mistake]:
    """Predictions with the `.module` of a wrapper that a framework made."""
    by_hand = loop.all(Kind.READ, how=How.GRADIENT)
    for predict in loop.all(Kind.PREDICT):
        wrapper = predict.subject.owner
        if wrapper is None or Fact.PAST_WRAPPER not in predict.subject.facts:
            continue
        alone = loop.backwards_through(predict)
        stops = [*by_hand, *loop.all(Kind.CLEAR)]
        if path := loop.path(alone, to=loop.all(Kind.STEP, concerning=wrapper), avoiding=stops):
            yield Mistake(
                predict,
                f"`{predict.name}` is called directly, bypassing its wrapper: gradients are not averaged",
                path.with_notes(*NOTES),
                fix=_through(predict, wrapper),
            )


NOTES = ("gradients of this process alone", "every process takes its own step")


def _through(predict: Event, wrapper: AbstractObject) -> Fix | None:
    """Predict with the wrapper, if it has a name."""
    callee = predict.options.get(Option.CALLEE)
    if not isinstance(callee, Place) or not wrapper.name.isidentifier():
        return None
    if callee.text.startswith(f"{wrapper.name}.module."):
        return None  # a method: the wrapper has none
    return unsafe(f"Predict with `{wrapper.name}`", replace(callee, wrapper.name))


def _is_inside(predict: Event, wrapper: AbstractObject) -> bool:
    """Whether the module inside the wrapper predicts or, in a method of its own, a part of it."""
    return any(wrapper.operands[0] in one.owners() for one in predict.subjects)
