"""LOOP601: see `missing_step`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Fact, How, Kind, Type
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
    made = [e.subject for e in loop.all(Kind.MAKE) if e.subject.type is Type.OPTIMIZER and e.subject.certain]
    for clear in loop.all(Kind.CLEAR):
        # Gradients are also cleared through the module, for all optimizers over it.
        over = [one for one in made if clear.subject.type is Type.MODULE and one.comes_from(clear.subject)]
        optimizer = clear.subject if clear.subject.type is Type.OPTIMIZER else next(iter(over), None)
        if optimizer is None:
            continue
        used = loop.all(Kind.STEP, Kind.REFERENCE, Kind.READ) + [
            e for e in loop.all(Kind.ESCAPE) if e.is_subject(optimizer)
        ]
        # Code that reads gradients uses them for something else.
        if any(event.may_concern(optimizer) or event.how == How.GRADIENT for event in used):
            continue
        # So may unknown code that gets the network between two batches.
        passed = [e for e in loop.all(Kind.HAND_OVER) if any(optimizer.comes_from(one) for one in e.subjects)]
        if any(not scope.is_call for event in passed for scope in loop.common(clear, event)[-1:]):
            continue
        name = clear.name if optimizer is clear.subject else str(optimizer)
        backwards = [
            event
            for event in loop.all(Kind.BACKWARD)
            if event.may_concern(optimizer)
            and _repeated(loop, clear, event)
            and not loop.inside(event, Context.PROFILER)
        ]
        # The one that no other optimizer's update follows is its own; several may share one.
        there = loop.path(clear, to=backwards, avoiding=loop.all(Kind.CLEAR, Kind.STEP)) or loop.path(
            clear, to=backwards, avoiding=(Kind.CLEAR, Kind.STEP), about=optimizer
        )
        if there and (again := loop.path(there.events[-1], to=clear)):
            yield Mistake(
                there.events[-1],
                f"`{name}` never steps: the gradients of `backward()` are not used",
                (there + again).with_notes("gradients are cleared", "new ones are computed", "and cleared, unused"),
                help=f"call `{name}.step()` after `backward()`",
            )
            return


def _never_touched(loop: EventGraph) -> Iterator[Mistake]:
    """Optimizers that are constructed and not used, while a loop computes gradients for them."""
    predictions = loop.all(Kind.PREDICT, Kind.FORWARD)
    for make in loop.all(Kind.MAKE):
        optimizer = make.subject
        if optimizer.type is not Type.OPTIMIZER or Fact.IDLE not in optimizer.facts:
            continue
        used = loop.all(Kind.STEP, Kind.REFERENCE, Kind.READ)
        if any(event.may_concern(optimizer) or event.how == How.GRADIENT for event in used):
            continue
        trained = [predict for predict in predictions if optimizer.related(predict.subject)]
        backwards = [
            backward
            for backward in loop.all(Kind.BACKWARD)
            if any(scope.is_written for scope in backward.loops)
            and any(predict.leads_to(*backward.subjects) for predict in trained)
            and not loop.inside(backward, Context.PROFILER)
        ]
        if path := loop.path(make, to=backwards):
            yield Mistake(
                path.events[-1],
                f"`{optimizer}` never steps: the gradients of `backward()` are not used",
                path.with_notes("the optimizer is made", "gradients are computed, and nothing uses them"),
                help=f"call `{optimizer}.step()` after `backward()`",
            )


def _engines(loop: EventGraph) -> Iterator[Mistake]:
    """Engines that are made here and back-propagate in a loop, and nothing steps."""
    made = {one: None for event in loop.all(Kind.PREDICT) for one in event.subjects if one.type is Type.ENGINE}
    for engine in (one for one in made if one.certain and one.constructor):
        used = loop.all(Kind.STEP, Kind.ESCAPE, Kind.REFERENCE)
        used += [event for event in loop.all(Kind.READ) if event.how == How.GRADIENT]
        if any(event.may_concern(engine) for event in used):
            continue
        backwards = [
            event
            for event in loop.all(Kind.BACKWARD)
            if any(scope.is_written for scope in event.loops)
            and any(subject.comes_from(engine) for subject in event.subjects)
        ]
        if backwards:
            yield Mistake(
                backwards[0],
                f"`{engine}` never steps: the gradients of `backward()` are not used",
                help=f"call `{engine}.step()` after `backward()`",
            )


def _repeated(loop: EventGraph, clear: Event, backward: Event) -> bool:
    """Whether a known loop is around both: for a function alone, the caller may step."""
    return any(not scope.is_call for scope in loop.common(clear, backward))
