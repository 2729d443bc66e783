"""LOOP502: see `clip_before_unscale`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, delete, insert_before, rule, unsafe


@rule("LOOP502", severity=ERROR, needs=[Kind.CLIP, Kind.STEP])
def clip_before_unscale(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are clipped while they are still multiplied by the loss scale.

    What it does
    ------------
    Looks for a path from `scaler.scale(loss).backward()` to a clipping of gradients, and on to
    `scaler.step(optimizer)`, without `scaler.unscale_(optimizer)` before the clipping.

    Why is this bad?
    ----------------
    The scale starts at 65536, so that every gradient exceeds the bound and is clipped; `scaler.step` then divides what
    is left by the scale. Updates were 0.0000015 where 0.1 was right: training makes almost no progress.

    Example
    -------
    ```python
    scaler.scale(loss).backward()
    clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    ```

    Use instead
    -----------
    ```python
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    ```

    Known limits
    ------------
    A scaler constructed with `enabled=False` and a bound computed from the scale (`scaler.get_scale()`) are not
    reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-clipping
    - https://docs.pytorch.org/docs/stable/amp.html#gradient-scaling
    """
    for clip in loop.clips():
        for step in loop.all(Kind.STEP):
            scaler = step.object
            if scaler is None or scaler.options.get("enabled") is False or not clip.may_concern(step.subject):
                continue
            scaled = [event for event in loop.all(Kind.BACKWARD) if event.object is scaler]
            # A bound or gradients divided by `get_scale()`, or a scaler passed to unknown code, may be correct.
            escaped = loop.all(Kind.READ, Kind.ESCAPE, about=scaler)
            unscaled = loop.all(Kind.UNSCALE, concerning=step.subject)
            before = loop.path(scaled, to=clip, avoiding=[step, *unscaled, *escaped])
            after = loop.path(clip, to=step, avoiding=scaled)
            if before and after:
                by, fix = step.options[Option.BY], None
                if clip.function == step.function:
                    late = [event for event in unscaled if loop.path(clip, to=event, avoiding=[step])]
                    unscale = insert_before(clip, f"{by}.unscale_({step.name})")
                    fix = unsafe("Unscale first", unscale, *(delete(event) for event in late))
                yield Mistake(
                    clip,
                    f"gradients are clipped while they are multiplied by the scale of `{by}`",
                    (before + after).with_notes(
                        "the gradients are scaled", "they are clipped", "the rest is divided by the scale"
                    ),
                    fix=fix,
                )
                break
