"""LOOP201: see `missing_zero_grad`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, How, Kind, Option, Type
from looplint.rule import ERROR, Fix, Mistake, insert_after, insert_before, rule, unsafe


@rule("LOOP201", severity=ERROR, needs=[Kind.BACKWARD, Kind.STEP])
def missing_zero_grad(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are never cleared between one update and the next.

    What it does
    ------------
    Looks for a path from an optimizer's `step()` through a `backward()` to its next `step()` on which nothing clears
    its gradients. A clear of another optimizer, one before the loop, or one that runs once per epoch does not count; a
    clear in a helper, a closure, `model.zero_grad()` and `p.grad = None` do. Accumulation over several batches is
    legal: the path goes from step to step, not from backward to backward.

    Why is this bad?
    ----------------
    `backward()` adds to the existing gradients. Without a clear each update uses the sum over all batches so far: over
    four batches the gradient norm was 1.3, 1.7, 1.9, 2.3 where 1.3, 0.8, 1.1, 1.1 was right. The loss often still falls
    for a while, and there is no warning.

    Example
    -------
    ```python
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
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
    An optimizer that is passed to unknown code may be cleared there: nothing is reported. A clear under a condition
    gets the benefit of the doubt, unless the step is in the other arm.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html
    - https://docs.pytorch.org/tutorials/recipes/recipes/zeroing_out_gradients.html
    """
    # Gradients that are scaled between a step and the next backward are kept on purpose, as a momentum.
    decayed = loop.all(Kind.READ, how=How.GRADIENT_SCALED)
    # Where the old weights are written back, the step was a trial: the next one takes its gradients, too.
    undone = [event for event in loop.all(Kind.LOAD) if event.how != "apply"]
    before: dict[AbstractObject, list[Event]] = {}
    for step in loop.all(Kind.STEP):
        cleared = _cleared(loop, step.subject)
        if step.subject not in before:
            before[step.subject] = [
                backward
                for backward in loop.all(Kind.BACKWARD, concerning=step.subject)
                if loop.path(backward, to=Kind.STEP, avoiding=(*cleared, Kind.BACKWARD), about=step.subject)
            ]
        last = before[step.subject]
        trace = loop.path(step, to=last, avoiding=(*cleared, *decayed, *undone))
        if trace and (again := loop.path(trace.events[-1], to=Kind.STEP, avoiding=cleared, about=step.subject)):
            path = (trace + again).with_notes(
                "the step uses the gradients", "the next backward adds to them", "the next step uses both"
            )
            message = f"`{step.name}` steps again before its gradients are cleared"
            yield Mistake(trace.events[-1], message, path, fix=_clear(loop, trace.events[-1], step))


def _cleared(loop: EventGraph, optimizer: AbstractObject) -> tuple[Kind | Event, ...]:
    """What clears the gradients of an optimizer, or is meant to: without its parentheses it is reported as LOOP204."""
    if Fact.GRADIENTS_OF_SAMPLES not in optimizer.facts:
        return Kind.CLEAR, Kind.REFERENCE
    # They are not in `p.grad`, which is all that a module clears.
    clears = loop.all(Kind.CLEAR, concerning=optimizer)
    return *(e for e in clears if any(one.type is not Type.MODULE for one in e.subjects)), Kind.REFERENCE


def _clear(loop: EventGraph, backward: Event, step: Event) -> Fix:
    """Clear before the first backward of an update; after the step where several iterations make up one update."""
    steps, clear = loop.all(Kind.STEP), f"{step.name}.zero_grad()"
    parts = [
        e for e in loop.nested_with(backward, Kind.BACKWARD) if loop.path(e, to=backward, avoiding=steps, doubt=False)
    ]
    first = min([backward, *parts], key=lambda event: event.node)
    if step.options.get(Option.CLOSURE):
        return unsafe("Clear the gradients in the closure", insert_before(backward, clear))
    # Inside `accumulate` a clear acts on the last micro-batch alone, and would drop the others before they are used.
    if loop.inside(backward, Context.ACCUMULATE) or backward in parts or not first.beside(step):
        return unsafe(f"Clear the gradients after `{step.name}.step()`", insert_after(step, clear))
    return unsafe("Clear the gradients before `backward()`", insert_before(first, clear))
