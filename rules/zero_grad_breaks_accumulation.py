"""LOOP203: see `zero_grad_breaks_accumulation`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Kind, Trace, Type
from looplint.events.queries.steps.micro_batches import accumulates, micro_batches
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP203", severity=ERROR, needs=[Kind.BACKWARD, Kind.CLEAR, Kind.STEP])
def zero_grad_breaks_accumulation(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are cleared for every micro-batch while the optimizer steps only every k-th.

    What it does
    ------------
    Looks for an optimizer that steps at every k-th iteration only, and a clear of its gradients between two steps: on a
    path from one micro-batch's `backward()` to the next one's.

    Why is this bad?
    ----------------
    Accumulation should add up k micro-batches. Each clear drops what was added up so far, so that the step uses the
    last micro-batch alone: of four micro-batches three are computed for nothing.

    Example
    -------
    ```python
    for i, (inputs, targets) in enumerate(loader):
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    The condition of the step has to be a modulo or a counter. Inside Accelerate's `accumulate` a prepared optimizer
    steps and clears with the last micro-batch only: `zero_grad` behind `step` is right, in front of `backward` it drops
    all the others. That is not reported where the `Accelerator` is constructed without accumulation in known code.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-accumulation
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    """
    for clear in loop.all(Kind.CLEAR):
        # Where `accumulate` is around it, the clear of an optimizer waits for the last micro-batch.
        waits = loop.inside(clear, Context.ACCUMULATE) and clear.subject.type is not Type.MODULE
        if loop.inside(clear, Context.PERIODIC) or (waits and not loop.may_accumulate()):
            continue
        steps = [step for step in loop.all(Kind.STEP) if accumulates(loop, clear, step)]
        # It waits together with the step that it follows.
        if waits and any(loop.path(step, to=clear, within=loop.innermost(clear)) for step in steps):
            continue
        pairs = ((step, backward) for step in steps for backward in micro_batches(loop, clear, waits))
        paths = ((step, _path(loop, clear, step, backward)) for step, backward in pairs)
        if found := next(((step, path) for step, path in paths if path), None):
            step, path = found
            yield Mistake(
                clear,
                f"gradients of earlier micro-batches are dropped: `{step.name}` has not stepped yet",
                path.with_notes(
                    "a micro-batch adds its gradients",
                    "they are cleared before a step",
                    "the next micro-batch starts from nothing",
                    "the step uses the last micro-batch alone",
                ),
                help=f"clear after `{step.name}.step()`, under the same condition",
            )


def _path(loop: EventGraph, clear: Event, step: Event, backward: Event) -> Trace | None:
    """From one micro-batch by the clear to the next one, and to the step."""
    # Inside `accumulate` the step itself decides when it acts, so a path that bypasses it need not exist.
    passing = () if loop.inside(clear, Context.ACCUMULATE) else (Kind.STEP,)
    lost = loop.path(backward, to=clear, avoiding=passing, about=step.subject, doubt=False)
    again = loop.path(clear, to=backward, avoiding=passing, about=step.subject, doubt=False)
    used = loop.path(backward, to=step, avoiding=(Kind.CLEAR, Kind.BACKWARD), about=step.subject)
    return lost + again + used if lost and again and used else None
