"""LOOP603: see `clip_after_step`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, How, Kind
from looplint.rule import ERROR, Fix, Mistake, delete, insert_before, rule, unsafe


@rule("LOOP603", severity=ERROR, needs=[Kind.CLIP, Kind.STEP], yields_to=["clip-before-backward"])
def clip_after_step(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients are clipped after the step that used them.

    What it does
    ------------
    Looks for a clip that comes after the optimizer's `step()` in the same iteration, with no `backward()` in between,
    while no clip stands between `backward()` and the step. With gradient release the step is a part of `backward()`.
    Also for a clip before the step of an optimizer that Opacus made private, which uses the gradients of the samples.

    Why is this bad?
    ----------------
    The step has used the gradients as they were, however large: an update was 570 where 0.1 was right. The clip changes
    only gradients that are cleared next.

    Example
    -------
    ```python
    loss.backward()
    optimizer.step()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    ```

    Use instead
    -----------
    ```python
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    ```

    Known limits
    ------------
    Clipping with an infinite bound only measures the norm and is not reported wherever it stands.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-clipping
    - https://opacus.ai/api/optimizer/dp_optimizer.html
    """
    for clip in loop.clips():
        for step in loop.all(Kind.STEP):
            passed = Fact.GRADIENTS_OF_SAMPLES in step.subject.facts and clip.may_concern(step.subject)
            if passed and (path := loop.path(clip, to=step, avoiding=(Kind.BACKWARD, Kind.CLEAR))):
                yield Mistake(
                    clip,
                    f"this clips gradients that `{step.name}` does not use: it clips those of the samples itself",
                    path.with_notes("the gradients of the batch are clipped", "the step uses those of the samples"),
                    help="pass `max_grad_norm` to the privacy engine",
                )
                break
        for step in clip.nearest(loop.all(Kind.STEP)):
            around = loop.innermost(clip, step)
            if not clip.may_concern(step.subject) or around is None:
                continue
            passes = loop.all(Kind.BACKWARD, concerning=step.subject)
            late = loop.path(step, to=clip, avoiding=passes, within=around)
            computed = late and loop.path(step.nearest(passes), to=step, avoiding=loop.all(Kind.CLIP))
            if late and computed:
                yield Mistake(
                    clip,
                    f"gradients are clipped after `{step.name}` has used them",
                    (computed + late).with_notes(
                        "gradients are computed", "the step uses them", "they are clipped too late"
                    ),
                    help="it steps inside `backward()`: without gradient release it could be clipped before"
                    if step.how == How.IN_BACKWARD
                    else "clip between `backward()` and `step()`",
                    fix=None if step.how == How.IN_BACKWARD else _move(loop, clip, step),
                )
                break


def _move(loop: EventGraph, clip: Event, step: Event) -> Fix | None:
    """Scaled gradients have to be unscaled before they are clipped: that is left to the author."""
    together = clip.beside(step) and not loop.conditional(clip, unlike=step)
    if not together or step.object is not None or clip.statement is None or not clip.statement.text:
        return None
    return unsafe("Clip before the step", delete(clip), insert_before(step, clip.statement.text))
