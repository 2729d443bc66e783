"""LOOP501: see `missing_backward`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, How, Kind
from looplint.events.queries.gradients.autograd import starts_detached
from looplint.events.queries.steps.updates import never_back_propagated
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP501", severity=ERROR, preview=True, yields_to=["step-before-backward"], needs=[Kind.STEP])
def missing_backward(loop: EventGraph) -> Iterator[Mistake]:
    """An optimizer steps although no path to it computes gradients.

    What it does
    ------------
    Looks for an optimizer's `step()` that follows a prediction with gradients on, with no `backward()` on any path to
    the step, or only one through other parameters than those of the optimizer.

    Why is this bad?
    ----------------
    Without gradients the step has nothing to do: the parameters change by 0.0. No error is raised.

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
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
    Gradients written by hand, closures and evolution strategies count as computed. Where the optimizer, its model or
    the loss is passed to unknown code, the gradients may be computed there: nothing is reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
    - https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html
    """
    # A backward without its parentheses is reported as LOOP204.
    cut_off = [event for event in loop.all(Kind.BACKWARD) if starts_detached(loop, event)]
    for step in loop.all(Kind.STEP):
        # Gradients from before the loop are used by its first iteration.
        looped = any(not scope.is_call for scope in step.loops)
        sources = loop.all(Kind.BACKWARD, Kind.ESCAPE, Kind.REFERENCE)
        sources = [event for event in sources if not (looped and event.how == How.CALLER)]
        sources += loop.all(Kind.READ, how=How.HANDED_OVER)
        # A loss that is detached before its backward is reported as LOOP405.
        meant = [event for event in sources if event in cut_off or event.may_concern(step.subject)]
        if any(_reaches(loop, event, step) for event in step.nearest(meant)):
            continue
        # A loss that is made a leaf is reported as LOOP403.
        if loop.path(loop.all(Kind.LEAF), to=step):
            continue
        if path := loop.path(
            never_back_propagated(loop, step), to=step, avoiding=loop.all(Kind.BACKWARD, concerning=step.subject)
        ):
            if elsewhere := loop.path(step.nearest(loop.all(Kind.BACKWARD)), to=step, about=step.subject):
                yield Mistake(
                    step,
                    f"`{step.name}` steps, but `{elsewhere.events[0].name}` was computed with other parameters",
                    elsewhere.with_notes("it gives gradients to others", "the step finds none for its own"),
                    help=f"compute the loss with the parameters of `{step.name}`, not with a copy of them",
                )
                continue
            yield Mistake(
                step,
                f"`{step.name}` steps, but no `backward()` leads to it",
                path.with_notes("this is never back-propagated", "the step finds no gradients"),
                help="call `backward()` on the loss before the step",
            )


def _reaches(loop: EventGraph, event: Event, step: Event) -> bool:
    """Whether the gradients that may be computed here reach the optimizer's step. Gradients cleared before it are
    LOOP202, unless they were another optimizer's, so that its own loss was forgotten."""
    if event.kind is not Kind.BACKWARD or len(loop.subjects(Kind.STEP)) == 1:
        return loop.path(event, to=step) is not None
    return loop.path(event, to=step, avoiding=Kind.CLEAR, about=step.subject, doubt=False) is not None
