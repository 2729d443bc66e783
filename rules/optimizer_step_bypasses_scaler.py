"""LOOP607: see `optimizer_step_bypasses_scaler`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option, Type
from looplint.rule import ERROR, Fix, Mistake, insert_after, replace, rule, unsafe


@rule("LOOP607", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def optimizer_step_bypasses_scaler(loop: EventGraph) -> Iterator[Mistake]:
    """The optimizer steps by itself with gradients that a GradScaler has scaled.

    What it does
    ------------
    Looks for a path from `scaler.scale(loss).backward()` to `optimizer.step()` on which the gradients are neither
    unscaled nor cleared.

    Why is this bad?
    ----------------
    The gradients are still multiplied by the scale: with SGD the update was 65,536 times too large. `scaler.step`
    divides them first, and skips the update where they overflowed. Adam hides the factor, not the overflow. A
    `scaler.update()` that follows finds nothing recorded and raises an AssertionError.

    Example
    -------
    ```python
    scaler.scale(loss).backward()
    optimizer.step()
    ```

    Use instead
    -----------
    ```python
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    ```

    Known limits
    ------------
    Gradients that are unscaled (`scaler.unscale_(optimizer)`), or divided by `scaler.get_scale()` by hand, are not
    reported, nor is a scaler constructed with `enabled=False`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#typical-mixed-precision-training
    - https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler
    """
    for step in loop.all(Kind.STEP):
        for backward in loop.all(Kind.BACKWARD):
            scaler = backward.object
            if step.object or not scaler or scaler.options.get("enabled") is False:
                continue
            # An engine scales by itself, and another package's optimizer may know the scale.
            known = step.subject.certain or all(whole.external for whole in step.subject.owners())
            if step.subject.type is not Type.OPTIMIZER or not known:
                continue
            escaped = loop.all(Kind.READ, Kind.ESCAPE, about=scaler)
            done = loop.all(Kind.UNSCALE, Kind.CLEAR, Kind.STEP, concerning=step.subject)
            path = loop.path(backward, to=step, avoiding=[*escaped, *done])
            if path and backward.may_concern(step.subject):
                by = backward.options[Option.BY]
                yield Mistake(
                    step,
                    f"`{step.name}` steps with gradients that are multiplied by the scale of `{by}`",
                    path.with_notes("the gradients are scaled", "the step uses them as they are"),
                    fix=_through(loop, step, backward),
                )
                break


def _through(loop: EventGraph, step: Event, backward: Event) -> Fix | None:
    """A step with a closure cannot use a scaler; gradients that are unscaled on another path must not."""
    plain = [event for event in loop.all(Kind.BACKWARD, concerning=step.subject) if event.object is None]
    unscaled = loop.path(plain, to=step, avoiding=[backward])
    if step.options.get(Option.CLOSURE) or unscaled or backward.function != step.function:
        return None
    by = backward.options[Option.BY]
    actions = [replace(step, f"{by}.step({step.name})")]
    if not loop.all(Kind.SCALER_UPDATE, about=backward.object):
        actions.append(insert_after(step, f"{by}.update()"))
    return unsafe(f"Step through `{by}`", *actions)
