"""LOOP625: see `unscale_while_accumulating`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Kind
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP625", severity=ERROR, preview=True, needs=[Kind.UNSCALE, Kind.STEP])
def unscale_while_accumulating(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are unscaled before the last micro-batch has added its own, which are scaled.

    What it does
    ------------
    Looks for `scaler.unscale_(optimizer)` in a loop that accumulates gradients over several batches, and that comes to
    the next scaled `backward()` before the optimizer steps.

    Why is this bad?
    ----------------
    What is accumulated so far is divided by the scale, the next micro-batch adds gradients that are multiplied by it:
    in the sum the first ones are lost, and the step divides no more, so that the update is thousands of times too
    large. Unscaling twice before a step raises an error, once does not.

    Example
    -------
    ```python
    scaler = torch.amp.GradScaler()
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / 4
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if (i + 1) % 4 == 0:
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
    ```

    Use instead
    -----------
    ```python
    scaler = torch.amp.GradScaler()
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / 4
        scaler.scale(loss).backward()
        if (i + 1) % 4 == 0:
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    The condition of the step has to be one that the analysed code shows to hold in some iterations only. Where
    `unscale_` has a condition of its own, it is reported only if the two certainly exclude each other, as `i % 2 == 0`
    and `i % 2 == 1` do.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-accumulation
    """
    for unscale in loop.all(Kind.UNSCALE):
        around = loop.innermost(unscale)
        for step in loop.all(Kind.STEP, about=unscale.subject):
            if around is None or step.loops != unscale.loops or not loop.inside(step, Context.PERIODIC):
                continue
            if loop.conditional(unscale, within=around) and not loop.exclusive(unscale, step):
                continue
            scaled = [event for event in loop.all(Kind.BACKWARD) if event.object is unscale.object is not None]
            done = loop.all(Kind.STEP, Kind.CLEAR, concerning=unscale.subject)
            more = loop.path(unscale, to=scaled, avoiding=done, doubt=False)
            if more and (used := loop.path(more.events[-1], to=step, avoiding=Kind.CLEAR, about=step.subject)):
                yield Mistake(
                    unscale,
                    f"gradients of `{step.name}` are unscaled before all of them are there",
                    (more + used).with_notes(
                        "the gradients so far are divided by the scale",
                        "the next micro-batch adds scaled ones",
                        "the step uses the sum",
                    ),
                    help="unscale where the optimizer steps, under the same condition",
                )
                break
