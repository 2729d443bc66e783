"""LOOP601: see `missing_step`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Trace
from looplint.events.queries.steps.unstepped import cleared_again, engines_left_idle, left_idle
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP601", severity=ERROR, preview=True, needs=[Kind.BACKWARD])
def missing_step(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are computed and cleared repeatedly, and the optimizer never steps.

    What it does
    ------------
    Looks for a loop in which an optimizer's gradients are cleared and a `backward()` computes new ones, while nothing
    in the program steps that optimizer. One that is not used after its construction does not have to be cleared. The
    same goes for an engine of DeepSpeed, which clears in its step.

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
    for optimizer, path in left_idle(loop):
        shown = path.with_notes("the optimizer is made", "gradients are computed, and nothing uses them")
        yield _mistake(path.events[-1], str(optimizer), shown)
    for engine, backward in engines_left_idle(loop):
        yield _mistake(backward, str(engine), None)
    if found := next(cleared_again(loop), None):
        name, path = found
        shown = path.with_notes("gradients are cleared", "new ones are computed", "and cleared, unused")
        yield _mistake(path.events[1], name, shown)


def _mistake(backward: Event, name: str, path: Trace | None) -> Mistake:
    message = f"`{name}` never steps: the gradients of `backward()` are not used"
    return Mistake(backward, message, path, help=f"call `{name}.step()` after `backward()`")
