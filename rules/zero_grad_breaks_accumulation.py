"""LOOP203: see `zero_grad_breaks_accumulation`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, How, Kind, Type
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
        managed = loop.inside(clear, Context.ACCUMULATE)
        waits = managed and clear.subject.type is not Type.MODULE
        if loop.inside(clear, Context.PERIODIC) or (waits and not loop.may_accumulate()):
            continue
        for step in loop.all(Kind.STEP):
            outside = clear.loops[: len(step.loops)] == step.loops != clear.loops
            if not (managed or outside or loop.inside(step, Context.PERIODIC)):
                continue
            if not any(step.subject.comes_from(subject) for subject in clear.subjects):
                continue
            # Inside `accumulate` the step itself decides when it acts, so a path that bypasses it need not exist.
            passing = () if managed else (Kind.STEP,)
            for backward in loop.all(Kind.BACKWARD):
                # Under its own condition, it may clear before the first micro-batch only.
                apart = clear.loops[: len(backward.loops)] != backward.loops
                # Gradients set by hand, one by one, are no micro-batches.
                set_anew = backward.how == How.GRADIENT
                if apart or set_anew or loop.conditional(clear, unlike=backward):
                    continue
                if waits and not loop.path(clear, to=backward, within=clear.loops[-1] if clear.loops else None):
                    continue
                lost = loop.path(backward, to=clear, avoiding=passing, about=step.subject, doubt=False)
                again = loop.path(clear, to=backward, avoiding=passing, about=step.subject, doubt=False)
                used = loop.path(backward, to=step, avoiding=(Kind.CLEAR, Kind.BACKWARD), about=step.subject)
                if lost and again and used:
                    yield Mistake(
                        clear,
                        f"gradients of earlier micro-batches are dropped: `{step.name}` has not stepped yet",
                        (lost + again + used).with_notes(
                            "a micro-batch adds its gradients",
                            "they are cleared before a step",
                            "the next micro-batch starts from nothing",
                            "the step uses the last micro-batch alone",
                        ),
                        help=f"clear after `{step.name}.step()`, under the same condition",
                    )
                    break
            else:
                continue
            break
