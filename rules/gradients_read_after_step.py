"""LOOP626: see `gradients_read_after_step`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, How, Kind, Option, Trace, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP626", severity=WARNING, preview=True, needs=[(Kind.CLIP, Kind.READ), Kind.STEP])
def gradients_read_after_step(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are read after the step of an optimizer that clears or changes them.

    What it does
    ------------
    Looks for `parameter.grad`, and for a norm by `clip_grad_norm_` without a limit, after the step of an optimizer that
    is known to leave no gradients, or others than those of the loss, and after a step and `zero_grad()` of any
    optimizer, before the next `backward()`.

    Why is this bad?
    ----------------
    The optimizers of torch leave the gradients as they are, and code that logs their norm after the step relies on it.
    Others use them as working memory or give them back: the norm read after the step is then 0, or that of something
    else (2.1 times the norm for GrokFastAdamW, half of it for NovoGrad, measured).

    Example
    -------
    ```python
    import pytorch_optimizer

    optimizer = pytorch_optimizer.Ranger(model.parameters(), lr=1e-3)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        print(sum(p.grad.norm() ** 2 for p in model.parameters()))
    ```

    Use instead
    -----------
    ```python
    import pytorch_optimizer

    optimizer = pytorch_optimizer.Ranger(model.parameters(), lr=1e-3)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        print(sum(p.grad.norm() ** 2 for p in model.parameters()))
        optimizer.step()
    ```

    Known limits
    ------------
    Without `zero_grad()`, only optimizers whose gradients were compared before and after a step are known: those of
    heavyball, and some of pytorch-optimizer, schedulefree and torch-optimi. Some change the gradients only with a
    weight decay, by little: they are not among them. What is read behind the loop around the step is left alone.

    References
    ----------
    - https://github.com/HomebrewML/HeavyBall
    - https://pytorch-optimizers.readthedocs.io/en/latest/
    """
    looks = [event for event in loop.all(Kind.READ, Kind.CLIP) if _looks(loop, event)]
    for step in loop.all(Kind.STEP) if looks else ():
        dropped = [clear for clear in loop.all(Kind.CLEAR, about=step.subject) if clear.place == step.place]
        cleared = _cleared(loop, step)
        if not dropped and not cleared and Fact.CHANGES_GRADIENTS not in step.subject.facts:
            continue
        start, stops = (step, [Kind.BACKWARD, Kind.CLEAR])
        if dropped or cleared:
            start, stops = (*dropped, *cleared)[0], [Kind.BACKWARD]
        for look in looks:
            inside = look.loops[: len(step.loops)] == step.loops
            if not inside or not any(one.related(step.subject) for one in look.subjects):
                continue
            if cleared and loop.conditional(start, unlike=look):
                continue
            if path := loop.path(start, to=look, avoiding=stops, within=loop.innermost(start, look)):
                what = "dropped" if dropped else "cleared" if cleared else "changed"
                yield Mistake(
                    look,
                    f"gradients are read after `{step.name}` has {what} them",
                    Trace((start if cleared else step, path.events[-1]), (f"they are {what} here", "they are read")),
                    help="read them between `backward()` and `step()`",
                )
                break


def _cleared(loop: EventGraph, step: Event) -> list[Event]:
    """Where the gradients are cleared after a step, in the same pass of the loop."""
    clears = [e for e in loop.all(Kind.CLEAR, about=step.subject) if e.place != step.place and e.loops == step.loops]
    around = loop.innermost(step)
    return [e for e in clears if loop.path(step, to=e, avoiding=Kind.BACKWARD, within=around)] if around else []


def _looks(loop: EventGraph, event: Event) -> bool:
    """Whether an event only looks at gradients: it reads those of a parameter that nothing clears, or their norm."""
    if event.kind is Kind.CLIP:
        return event.options.get(Option.MAX_NORM) == float("inf")
    if event.how != How.GRADIENT or len(event.subjects) > 1 or event.subject.type is not Type.PARAMETERS:
        return False
    asked = [read for read in loop.all(Kind.READ) if read.how == How.IS_NONE and read.statement == event.statement]
    only_asked = any((read.place.row, read.place.column) == (event.place.row, event.place.column) for read in asked)
    return not only_asked and not any(clear.is_subject(event.subject) for clear in loop.all(Kind.CLEAR))
