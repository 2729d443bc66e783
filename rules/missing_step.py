"""LOOP601: see `missing_step`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Fact, How, Kind, Trace, Type
from looplint.events.unstepped import may_be_stepped, network_is_handed_over, optimizer_cleared
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP601", severity=ERROR, preview=True, needs=[Kind.BACKWARD])
def missing_step(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are computed and cleared repeatedly, and the optimizer never steps.

    What it does
    ------------
    Looks for a loop in which an optimizer's gradients are cleared and a `backward()` computes new ones, while nothing
    in the program steps that optimizer. One that is not used after its construction does not have to be cleared. In the
    same way for an engine of DeepSpeed, which clears in its step.

    Why is this bad?
    ----------------
    The parameters keep their initial values: change 0.0. The loop runs, the loss goes up and down with the batches, and
    no warning is given.

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Loops that read `.grad` themselves (attribution, attacks, updates by hand), loops under a profiler, and optimizers
    that are passed to unknown code are not reported. Where gradients are cleared through the model, the optimizer over
    it has to be known.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.step.html
    - https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html
    - https://www.deepspeed.ai/getting-started/#training
    """
    yield from _never_touched(loop)
    yield from _engines(loop)
    yield from _cleared_for_nothing(loop)


def _cleared_for_nothing(loop: EventGraph) -> Iterator[Mistake]:
    """The first optimizer whose gradients are cleared and computed again and again."""
    for clear in loop.all(Kind.CLEAR):
        optimizer = optimizer_cleared(loop, clear)
        if (
            optimizer is None
            or loop.all(Kind.ESCAPE, about=optimizer)
            or may_be_stepped(loop, optimizer)
            or network_is_handed_over(loop, clear, optimizer)
        ):
            continue
        backwards = [
            event
            for event in loop.all(Kind.BACKWARD, concerning=optimizer)
            # For a function alone, the caller may step.
            if any(not scope.is_call for scope in loop.common(clear, event))
            and not loop.inside(event, Context.PROFILER)
        ]
        # The one that no other optimizer's update follows is its own; several may share one.
        there = loop.path(clear, to=backwards, avoiding=loop.all(Kind.CLEAR, Kind.STEP)) or loop.path(
            clear, to=backwards, avoiding=(Kind.CLEAR, Kind.STEP), about=optimizer
        )
        if there and (again := loop.path(there.events[-1], to=clear)):
            notes = ("gradients are cleared", "new ones are computed", "and cleared, unused")
            name = clear.name if optimizer is clear.subject else str(optimizer)
            yield _mistake(there.events[-1], name, (there + again).with_notes(*notes))
            return


def _never_touched(loop: EventGraph) -> Iterator[Mistake]:
    """Optimizers that are constructed and not used, while a loop computes gradients for them."""
    for make in loop.made(Type.OPTIMIZER):
        optimizer = make.subject
        if Fact.IDLE not in optimizer.facts or may_be_stepped(loop, optimizer):
            continue
        backwards = [
            backward
            for backward in loop.all(Kind.BACKWARD)
            if backward.written_loop
            and any(optimizer.related(predict.subject) for predict in loop.leading_to(backward.subjects))
            and not loop.inside(backward, Context.PROFILER)
        ]
        if path := loop.path(make, to=backwards):
            notes = ("the optimizer is made", "gradients are computed, and nothing uses them")
            yield _mistake(path.events[-1], str(optimizer), path.with_notes(*notes))


def _engines(loop: EventGraph) -> Iterator[Mistake]:
    """Engines that are made here and back-propagate in a loop, and nothing steps."""
    made = [one for one in loop.subjects(Kind.PREDICT) if one.certain and one.constructor]
    for engine in (one for one in made if one.type is Type.ENGINE):
        used = loop.all(Kind.STEP, Kind.ESCAPE, Kind.REFERENCE, concerning=engine)
        if used or loop.all(Kind.READ, concerning=engine, how=How.GRADIENT):
            continue
        backwards = (e for e in loop.all(Kind.BACKWARD) if e.written_loop and e.comes_from(engine))
        if backward := next(backwards, None):
            yield _mistake(backward, str(engine), None)


def _mistake(backward: Event, name: str, path: Trace | None) -> Mistake:
    message = f"`{name}` never steps: the gradients of `backward()` are not used"
    return Mistake(backward, message, path, help=f"call `{name}.step()` after `backward()`")
