"""LOOP502: see `clip_before_unscale`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option
from looplint.rule import ERROR, Fix, Mistake, delete, insert_before, rule, unsafe


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
        steps = [step for step in loop.all(Kind.STEP) if _is_scaled(step) and clip.may_concern(step.subject)]
        for scaler in dict.fromkeys(step.object for step in steps if step.object is not None):
            scaled = [event for event in loop.all(Kind.BACKWARD) if event.object is scaler]
            # A bound or gradients divided by `get_scale()`, or a scaler passed to unknown code, may be correct.
            escaped = loop.all(Kind.READ, Kind.ESCAPE, about=scaler)
            own = (step for step in steps if step.object is scaler)
            for after in loop.paths(clip, to=own, avoiding=scaled):
                step = after.events[-1]
                unscaled = loop.all(Kind.UNSCALE, concerning=step.subject)
                before = loop.path(scaled, to=clip, avoiding=[step, *unscaled, *escaped])
                if before:
                    yield Mistake(
                        clip,
                        f"gradients are clipped while they are multiplied by the scale of `{step.options[Option.BY]}`",
                        (before + after).with_notes(
                            "the gradients are scaled", "they are clipped", "the rest is divided by the scale"
                        ),
                        fix=_unscale_first(loop, clip, step, unscaled),
                    )
                    break


def _is_scaled(step: Event) -> bool:
    return step.object is not None and step.object.options.get("enabled") is not False


def _unscale_first(loop: EventGraph, clip: Event, step: Event, unscaled: list[Event]) -> Fix | None:
    if clip.function != step.function:
        return None
    late = [event for event in unscaled if loop.path(clip, to=event, avoiding=[step])]
    unscale = insert_before(clip, f"{step.options[Option.BY]}.unscale_({step.name})")
    return unsafe("Unscale first", unscale, *(delete(event) for event in late))
