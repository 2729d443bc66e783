"""LOOP504: see `clip_before_backward`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind
from looplint.rule import ERROR, Mistake, delete, insert_after, rule, unsafe


@rule("LOOP504", severity=ERROR, needs=[Kind.CLIP, Kind.STEP])
def clip_before_backward(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are clipped before they are computed.

    What it does
    ------------
    Looks for a clipping of gradients that follows the clear or the last step and comes before the `backward()` of the
    next update, which then steps without being clipped.

    Why is this bad?
    ----------------
    The clipped gradients are cleared or already used: the returned norm is 0.0. The new gradients go into the step
    unclipped, however large they are.

    Example
    -------
    ```python
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    clip_grad_norm_(model.parameters(), 1.0)
    loss.backward()
    optimizer.step()
    ```

    Use instead
    -----------
    ```python
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    ```

    Known limits
    ------------
    Between two backwards of one update a clipping has something to clip and is not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-clipping
    """
    for clip in loop.clips():
        # One question for all steps of an optimizer: most clips come in time.
        followed: dict[AbstractObject, set[Event]] = {}
        for step in loop.all(Kind.STEP):
            backwards, used = loop.all(Kind.BACKWARD, concerning=step.subject), (Kind.STEP, Kind.CLEAR)
            if step.subject not in followed:
                in_time = loop.path(backwards, to=clip, avoiding=used, about=step.subject)
                unclipped = not in_time and clip.may_concern(step.subject)
                followed[step.subject] = loop.reached(clip, Kind.STEP, step.subject) if unclipped else set()
            if step not in followed[step.subject]:
                continue
            # Round the loop it would be a clipping behind the step of the last iteration (LOOP603).
            within = loop.innermost(clip, step)
            early = loop.path(clip, to=backwards, avoiding=Kind.STEP, about=step.subject, within=within)
            late = early and loop.path(early.events[-1], to=step, avoiding=(Kind.CLIP, *used), about=step.subject)
            if not early or not late:
                continue
            backward, fix = early.events[-1], None
            together = backward.beside(clip) and not loop.conditional(clip, unlike=backward)
            if together and clip.statement and clip.statement.text:
                move = (delete(clip.statement), insert_after(backward, clip.statement.text))
                fix = unsafe("Clip after `backward()`", *move)
            yield Mistake(
                clip,
                "the old gradients are clipped, the new ones are not computed yet",
                (early + late).with_notes(
                    "nothing new to clip", "the gradients are computed", "they are used unclipped"
                ),
                help="clip between `backward()` and `step()`",
                fix=fix,
            )
            break
