"""LOOP202: see `zero_grad_before_step`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Kind, Option
from looplint.events.queries.steps.updates import clears_for, forgets_a_loss, lost_gradients
from looplint.rule import ERROR, Fix, Mistake, delete, insert_after, insert_before, rule, unsafe


@rule("LOOP202", severity=ERROR, needs=[Kind.BACKWARD, Kind.CLEAR, Kind.STEP])
def zero_grad_before_step(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are cleared between `backward()` and the step that should use them.

    What it does
    ------------
    Looks for a clear of the optimizer's gradients, or of the module that it optimizes, on every path from a
    `backward()` to the optimizer's `step()`, with no further `backward()` between the clear and the step.

    Why is this bad?
    ----------------
    The step finds no gradients: the parameters change by 0.0 (only momentum from before and weight decay may still
    move them). No error is raised; the loss stays where it is.

    Example
    -------
    ```python
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    A clear under a condition is not reported: it may skip an update on purpose, when gradients are not finite.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html
    - https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html
    """
    for clear in loop.all(Kind.CLEAR):
        # One question for all steps of an optimizer: most clears are followed by a backward.
        followed: dict[AbstractObject, set[Event]] = {}
        for step in loop.all(Kind.STEP):
            if not clears_for(loop, clear, step) or (step.node < clear.node and not loop.common(clear, step)):
                continue
            if step.subject not in followed:
                followed[step.subject] = loop.reached(clear, Kind.STEP, step.subject, avoiding=Kind.BACKWARD)
            if step not in followed[step.subject] or not (path := lost_gradients(loop, clear, step)):
                continue
            backward = path.events[0]
            if forgets_a_loss(loop, backward, step):
                continue
            yield Mistake(
                clear if step.options.get(Option.CLOSURE) else clear.divergence(step),
                f"the gradients of `{step.name}` are cleared before it steps",
                path.with_notes("the gradients are computed", "they are cleared", "the step finds none"),
                help="clear before `backward()` or after `step()`",
                fix=_move(loop, clear, backward, step),
            )
            break


def _move(loop: EventGraph, clear: Event, backward: Event, step: Event) -> Fix | None:
    """Before the backward; after the step where several backwards make up one update."""
    text = clear.movable
    # Inside `accumulate` a clear acts on the last micro-batch alone, and would drop the others before they are used.
    managed = loop.inside(backward, Context.ACCUMULATE)
    if backward.beside(clear) and not managed and not loop.conditional(clear, unlike=backward):
        return unsafe("Clear before `backward()`", delete(clear), insert_before(backward, text))
    if step.beside(clear) and not loop.conditional(clear, unlike=step):
        return unsafe("Clear after the step", delete(clear), insert_after(step, text))
    return None
