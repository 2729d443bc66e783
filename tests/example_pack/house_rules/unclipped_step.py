"""HOUSE001: see `unclipped_step`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.rule import NOTE, Mistake, rule


@rule("HOUSE001", severity=NOTE)
def unclipped_step(loop: EventGraph) -> Iterator[Mistake]:
    """An update whose gradients were not clipped.

    What it does
    ------------
    Looks for a way from a `backward()` to a step on which nothing clips the gradients.

    Why is this bad?
    ----------------
    It is not: in this house gradients are clipped before each update.

    Example
    -------
    ```python
    loss.backward()
    optimizer.step()
    ```

    Use instead
    -----------
    ```python
    loss.backward()
    clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    ```

    Known limits
    ------------
    The bound is not looked at.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
    """
    for step in loop.all(Kind.STEP):
        for backward in loop.all(Kind.BACKWARD):
            if path := loop.path(backward, to=[step], avoiding=Kind.CLIP, about=step.subject):
                yield Mistake(step, "the gradients of this update were not clipped", path)
