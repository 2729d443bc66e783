"""LOOP208: see `accumulation_without_accumulate`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP208", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def accumulation_without_accumulate(loop: EventGraph) -> Iterator[Mistake]:
    """Accelerate is set to accumulate gradients, but the loop never enters `accumulate`.

    What it does
    ------------
    Looks for an `Accelerator` constructed with `gradient_accumulation_steps`, and a loop that steps after each
    `accelerator.backward(loss)` without `with accelerator.accumulate(model)` around it.

    Why is this bad?
    ----------------
    `accelerator.backward` divides each loss by the number of steps to be accumulated, in and out of `accumulate`; only
    `accumulate` makes the optimizer wait. Without it each batch is an update with gradients that are too small, half as
    large with two steps, and nothing is accumulated. No error is raised.

    Example
    -------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=4)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
    ```

    Use instead
    -----------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=4)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            loss = criterion(model(inputs), targets)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    Nothing is reported where the optimizer steps under a condition: that may be accumulation by hand, for which the
    division is right. An `Accelerator` constructed in unknown code is not reported.

    References
    ----------
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    """
    every = loop.all(Kind.BACKWARD, Kind.STEP, Kind.CLEAR, Kind.PREDICT)
    waiting = [event for event in every if loop.inside(event, Context.ACCUMULATE, Context.NO_SYNC)]
    frameworks = [backward.options.get(Option.FRAMEWORK) for backward in loop.all(Kind.BACKWARD)]
    for framework in dict.fromkeys(one for one in frameworks if isinstance(one, AbstractObject)):
        if Fact.ACCUMULATES not in framework.facts:
            continue
        for backward in loop.all(Kind.BACKWARD):
            if backward.options.get(Option.FRAMEWORK) is not framework or not _repeats(loop, backward, framework):
                continue
            if any(event.loops[:1] == backward.loops[:1] for event in waiting):
                continue
            steps = [
                step
                for step in loop.all(Kind.STEP, concerning=backward.subject)
                if step.loops == backward.loops and not loop.conditional(step, unlike=backward)
            ]
            if path := loop.path(backward, to=steps, avoiding=Kind.BACKWARD, within=backward.loops[-1]):
                yield Mistake(
                    backward,
                    f"`{backward.name}` is divided for an accumulation that never happens",
                    path.with_notes("the loss is divided by the number of steps", "each batch makes an update"),
                    help="put `with accelerator.accumulate(model):` around the body of the loop",
                )
                break


def _repeats(loop: EventGraph, backward: Event, framework: AbstractObject) -> bool:
    """Whether a loop is written around it. Where the framework is an attribute, a caller may enter `accumulate`."""
    here = loop.origin(framework) is not None
    return bool(backward.loops) and (here or any(not scope.is_call for scope in backward.loops))
