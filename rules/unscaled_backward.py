"""LOOP503: see `unscaled_backward`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option, Type
from looplint.rule import ERROR, Fix, Mistake, replace, rule, unsafe


@rule("LOOP503", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def unscaled_backward(loop: EventGraph) -> Iterator[Mistake]:
    """`backward()` runs on the unscaled loss, and a GradScaler steps with its gradients.

    What it does
    ------------
    Looks for a path from `loss.backward()` to `scaler.step(optimizer)` that does not pass `optimizer.zero_grad()`.

    Why is this bad?
    ----------------
    `scaler.step` divides the gradients by its scale (65,536 at the start), whether they were multiplied by it or not.
    Where nothing was ever scaled, the first step ends with "AssertionError: Attempted unscale_ but _scale is None".
    Where another loss was, there is no error: the unscaled one has almost no effect.

    Example
    -------
    ```python
    loss.backward()
    scaler.step(optimizer)
    scaler.update()
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
    A `backward()` in an arm of a condition (`if amp: ... else: loss.backward()`) is not reported: the scaler may be
    disabled there. Neither is a loss that is multiplied by `scaler.get_scale()`, and a scaler made with
    `enabled=False`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#typical-mixed-precision-training
    - https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.scale
    """
    for backward in loop.all(Kind.BACKWARD):
        if not _plain(backward):
            continue
        for step in loop.all(Kind.STEP):
            scaler = step.object
            if scaler is None or scaler.options.get("enabled") is False or not backward.may_concern(step.subject):
                continue
            escaped = loop.all(Kind.READ, Kind.ESCAPE, about=scaler)
            done = loop.all(Kind.CLEAR, Kind.STEP, concerning=step.subject)
            path = loop.path(backward, to=step, avoiding=[*escaped, *done])
            if path and not loop.conditional(backward, unlike=step):
                by = step.options[Option.BY]
                yield Mistake(
                    backward,
                    f"`{backward.name}` is back-propagated unscaled, but `{by}` divides its gradients by the scale",
                    path.with_notes("the gradients are not scaled", "the step divides them by the scale"),
                    fix=_scaled(backward, by) if backward.function == step.function else None,
                )
                break


def _plain(backward: Event) -> bool:
    """Whether it is the method of a tensor whose value no scaler affected."""
    known = all(one.type is not Type.SCALER for subject in backward.subjects for one in subject.ancestry())
    text = backward.place.text
    own = backward.how == "backward" and not any(map(backward.is_subject, backward.inputs))
    method = text.startswith(f"{backward.name}.backward") if text else own
    return known and backward.object is None and method


def _scaled(backward: Event, by: str) -> Fix | None:
    if not backward.place.text:
        return None
    call = backward.place.text.removeprefix(backward.name)
    return unsafe(f"Scale the loss with `{by}`", replace(backward, f"{by}.scale({backward.name}){call}"))
