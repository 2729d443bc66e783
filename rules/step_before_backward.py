"""LOOP602: see `step_before_backward`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind
from looplint.rule import ERROR, Fix, Mistake, delete, insert_after, rule, unsafe


@rule("LOOP602", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def step_before_backward(loop: EventGraph) -> Iterator[Mistake]:
    """The optimizer steps before `backward()` has computed the gradients of this batch.

    What it does
    ------------
    Looks for an optimizer's `step()` between the forward pass (or the clearing of its gradients) and the `backward()`
    of the same iteration, with no other `backward()` for that optimizer before it.

    Why is this bad?
    ----------------
    Where the gradients are cleared first, the step finds none: the parameters change by 0.0. Where they are not, it
    uses those of the last batch and moves the weights that the coming `backward()` still needs: with two layers or
    more that is a RuntimeError in the second iteration.

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        optimizer.step()
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
    A rotated loop, which steps at its head with the gradients of the previous iteration and then predicts again, is
    correct and not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#taking-an-optimization-step
    - https://docs.pytorch.org/docs/stable/autograd.html#in-place-correctness-checks
    """
    for step in loop.all(Kind.STEP):
        passes = step.nearest(loop.all(Kind.BACKWARD, concerning=step.subject))
        if any(loop.path(event, to=step, within=loop.innermost(event, step)) for event in passes):
            continue
        for backward in passes:
            if loop.common(step, backward) not in (step.loops, backward.loops):
                continue
            # A step in front of a loop of its own has no gradients to use: schedulers are begun so.
            if any(scope.is_written for scope in backward.loops[len(step.loops) :]):
                continue
            within = loop.innermost(step, backward)
            begun = loop.leading_to(backward.subjects, Kind.PREDICT, Kind.GRADE)
            before = loop.path([*begun, *loop.all(Kind.CLEAR, concerning=step.subject)], to=step, within=within)
            after = loop.path(step, to=backward, within=within)
            if before and after:
                path = (before + after).with_notes(
                    "the iteration begins", "the step comes", "its gradients come too late"
                )
                message = f"`{step.name}` steps before `backward()` has computed its gradients"
                yield Mistake(step, message, path, fix=_move(loop, step, backward))
                break


def _move(loop: EventGraph, step: Event, backward: Event) -> Fix | None:
    """The step moves after the backward: all its operands exist by then. Where anything else belongs to the two, moving
    the step alone would not put all of it in order."""
    if not step.beside(backward) or not step.movable or loop.conditional(step, unlike=backward):
        return None
    beside = [event for event in loop.all(*ORDERED) if event.loops == step.loops and event is not backward]
    steps = [event for event in loop.all(Kind.STEP) if event.loops == step.loops]
    for event in beside:
        between = step.node < event.node < backward.node
        # A backward behind this one is meant for this step, too, unless another step uses it.
        used = event.node > backward.node and any(other.node > event.node for other in steps)
        if between or event.kind is Kind.CLIP or (event.kind is Kind.BACKWARD and not used):
            return None
    return unsafe("Step after `backward()`", delete(step), insert_after(backward, step.movable))


ORDERED = (Kind.BACKWARD, Kind.CLIP, Kind.SCHEDULE, Kind.UNSCALE, Kind.SCALER_UPDATE, Kind.TRACK)
"""What comes before or after a step by itself."""
