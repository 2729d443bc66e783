"""LOOP206: see `accumulation_not_averaged`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, How, Kind, Option
from looplint.rule import NOTE, Mistake, rule


@rule("LOOP206", severity=NOTE, off=True, needs=[Kind.BACKWARD, Kind.STEP])
def accumulation_not_averaged(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients of several batches are added up, and the loss is not divided by their number.

    What it does
    ------------
    Looks for a loop that steps every few batches and back-propagates the mean loss of each batch as it is, with SGD or
    with gradients that are clipped. Off by default: the learning rate may have been chosen for the sum.

    Why is this bad?
    ----------------
    The sum of the gradients of four batches is four times their mean: with SGD each update is four times as long as
    with one batch of that size (gradient norm 1.43 instead of 0.71 for two batches), and clipping cuts most of it off.
    For Adam, which divides by the size of the gradients, it makes no difference.

    Example
    -------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for i, (inputs, targets) in enumerate(loader):
        loss = torch.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
    ```

    Use instead
    -----------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for i, (inputs, targets) in enumerate(loader):
        loss = torch.nn.functional.cross_entropy(model(inputs), targets) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    The criterion has to be one of torch that gives a mean, and the condition of the step a modulo or a counter. A loss
    that is multiplied or divided by anything is left alone, as is a loop that changes gradients by hand, and what a
    framework back-propagates, which may divide by itself.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#gradient-accumulation
    """
    by_hand = loop.all(Kind.READ, how=(How.GRADIENT, How.GRADIENT_SCALED))
    for backward in loop.all(Kind.BACKWARD):
        if not backward.loops or by_hand or Option.FRAMEWORK in backward.options or not _is_mean(backward.subject):
            continue
        if loop.conditional(backward, within=backward.loops[-1]):
            continue
        steps = [step for step in loop.all(Kind.STEP, concerning=backward.subject) if _sums(loop, step, backward)]
        between = [*loop.all(Kind.STEP), *loop.all(Kind.CLEAR)]
        more = loop.path(backward, to=backward, avoiding=between, doubt=False, within=backward.loops[-1].outer)
        if more and (used := loop.path(backward, to=steps, avoiding=Kind.CLEAR)):
            yield Mistake(
                backward,
                f"`{backward.name}` is not divided by the number of batches that `{used.events[-1].name}` sums up",
                used.with_notes("the gradients of each batch are added", "the step uses their sum"),
                help="divide the loss by the number of batches between two steps",
            )


def _sums(loop: EventGraph, step: Event, backward: Event) -> bool:
    """Whether the step comes every few batches, and the size of the gradients matters to it."""
    matters = Fact.GROWS_WITH_GRADIENTS in step.subject.facts or any(
        clip.loops == step.loops and clip.may_concern(step.subject) for clip in loop.clips()
    )
    return matters and step.loops == backward.loops and loop.inside(step, Context.PERIODIC)


def _is_mean(loss: AbstractObject) -> bool:
    """Whether it is the mean that a criterion gives, at most scaled by a gradient scaler."""
    values = [loss, *(loss.operands if Fact.SCALED in loss.facts else ())]
    return any(Fact.BATCH_MEAN in one.facts for one in values) and all(Fact.RESIZED not in one.facts for one in values)
