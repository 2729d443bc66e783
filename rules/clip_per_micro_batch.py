"""LOOP620: see `clip_per_micro_batch`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Fact, Kind
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP620", severity=WARNING, needs=[Kind.CLIP, Kind.STEP])
def clip_per_micro_batch(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are clipped after each micro-batch, though the optimizer steps every few.

    What it does
    ------------
    Looks for gradients that are accumulated over several batches, by hand or inside Accelerate's `accumulate`, and
    that are clipped after each of them.

    Why is this bad?
    ----------------
    Clipping bounds the gradients of an update. Here it bounds the sum so far, after each micro-batch: the earlier
    gradients are scaled down repeatedly, so that the last micro-batch weighs most. With fp16 the gradients are unscaled
    each time, too. No error is raised.

    Example
    -------
    ```python
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / 4
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
    ```

    Use instead
    -----------
    ```python
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    The condition of the step has to be a modulo, a counter or Accelerate's (`if accelerator.sync_gradients:` is where
    clipping belongs). A bound that is infinite only measures the norm.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-accumulation
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    """
    for clip in loop.clips():
        if not clip.loops or loop.inside(clip, Context.PERIODIC):
            continue
        for step in loop.all(Kind.STEP, concerning=clip.subject):
            managed = loop.inside(clip, Context.ACCUMULATE) and loop.inside(step, Context.ACCUMULATE)
            if step.loops != clip.loops or not (
                loop.may_accumulate() if managed else loop.inside(step, Context.PERIODIC)
            ):
                continue
            # Inside `accumulate` the step itself decides when it acts, so a path that bypasses it need not exist.
            # One that was not prepared steps each time, and what is clipped is all it uses.
            if managed and Fact.PREPARED not in step.subject.facts and not step.subject.external:
                continue
            passing = () if managed else (Kind.STEP, Kind.CLEAR)
            backwards = [e for e in loop.all(Kind.BACKWARD, concerning=clip.subject) if e.loops == clip.loops]
            more = loop.path(clip, to=backwards, avoiding=passing, about=step.subject, doubt=False)
            if more and (used := loop.path(more.events[-1], to=step, avoiding=Kind.CLEAR, about=step.subject)):
                yield Mistake(
                    clip,
                    f"only a part of the gradients that `{step.name}` uses is clipped",
                    (more + used).with_notes(
                        "the gradients so far are clipped",
                        "the next micro-batch adds its own",
                        "the step uses the sum",
                    ),
                    help="clip where the optimizer steps, under the same condition",
                )
                break
