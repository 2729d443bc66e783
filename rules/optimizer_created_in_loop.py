"""LOOP609: see `optimizer_created_in_loop`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Type
from looplint.events.queries.loops.repetition import is_another_trial
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP609", severity=WARNING, preview=True, needs=[Kind.MAKE, Kind.BACKWARD, Kind.STEP])
def optimizer_created_in_loop(loop: EventGraph) -> Iterator[Mistake]:
    """An optimizer is constructed in each batch or epoch, over a model that stays the same.

    What it does
    ------------
    Looks for an optimizer with a state (momentum, Adam's averages) that is constructed in the batch or epoch loop,
    while its model was constructed before.

    Why is this bad?
    ----------------
    The optimizer's state is lost: after each of two epochs of four batches Adam's step counter was 4, where 4 and 8 are
    right, and its first update goes with the full learning rate in the direction of the sign. A scheduler that holds
    the old optimizer no longer reaches the new one.

    Example
    -------
    ```python
    for epoch in range(epochs):
        optimizer = torch.optim.Adam(model.parameters())
        for inputs, targets in loader:
            ...
    ```

    Use instead
    -----------
    ```python
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(epochs):
        for inputs, targets in loader:
            ...
    ```

    Known limits
    ------------
    A loop that also makes or resets the model, its weights or the data it trains on is a loop over trials or tasks and
    is not reported, nor is one that freezes or thaws layers in stages, and one over literal settings; nor is an
    optimizer that some iterations keep, and SGD without momentum, which has no state.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#constructing-it
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
    """
    makes = loop.made(Type.OPTIMIZER, certain=True)
    for make in makes:
        optimizer = make.subject
        if not make.loops or Fact.STATELESS in optimizer.facts:
            continue
        around = make.loops[-1]
        steps = loop.in_iteration(around, Kind.STEP, about=optimizer)
        # Where nothing is back-propagated there is no state to lose: a schedule is shown.
        if not steps or is_another_trial(loop, make, around) or not loop.in_iteration(around, Kind.BACKWARD):
            continue
        if not all(loop.dominates(makes, before=step, within=around) for step in steps):
            continue
        over = around.over
        # A loop over networks trains another one in each iteration.
        if over is not None and (over.type is Type.MODULE or (over.type is Type.COLLECTION and not over.operands)):
            continue
        if around.is_call or min(len(step.loops) for step in steps) > len(make.loops) + 1:
            continue
        if again := loop.path(steps[0], to=make):
            yield Mistake(
                make.divergence(steps[0]),
                f"`{make.name}` is constructed in each iteration: its state is lost",
                again.with_notes("the step fills its state", "the next iteration starts without it"),
                help="make it before the loop",
            )
