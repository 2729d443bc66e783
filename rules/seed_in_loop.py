"""LOOP104: see `seed_in_loop`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Kind, LoopScope, Option, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP104", severity=WARNING, preview=True, needs=[Kind.SEED, Kind.BACKWARD, Kind.STEP])
def seed_in_loop(loop: EventGraph) -> Iterator[Mistake]:
    """The random state is set to the same seed in every iteration of a training loop.

    What it does
    ------------
    Looks for `torch.manual_seed` and its like in a loop over batches or epochs that trains, with a seed that does not
    change from one iteration to the next.

    Why is this bad?
    ----------------
    All random numbers repeat: dropout draws the same mask for every batch, augmentation and noise the same values, and
    the loader the same order in every epoch. Of 4 batches all 4 have one and the same mask.

    Example
    -------
    ```python
    for inputs, targets in loader:
        torch.manual_seed(0)
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    torch.manual_seed(0)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Loops that construct the model or load its weights again (one trial after the other), seeds under a condition or
    made of the epoch, seeds in front of sampling or validation, and a random state that is put back afterwards are not
    reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.manual_seed.html
    - https://docs.pytorch.org/docs/stable/notes/randomness.html
    """
    trainings = loop.trainings()
    for seed in loop.all(Kind.SEED):
        scope = seed.written_loop
        if scope is None or seed.options.get(Option.CHANGES) or loop.inside(seed, Context.FORK_RNG):
            continue
        if loop.conditional(seed, within=scope):
            continue
        if not any(_of_the_loop(loop, step, scope) for step in loop.in_iteration(scope, Kind.STEP)):
            continue
        if any(event.subject.type in (Type.MODULE, Type.OPTIMIZER) for event in loop.in_iteration(scope, Kind.MAKE)):
            continue
        if loop.in_iteration(scope, Kind.LOAD):
            continue
        predictions = loop.in_iteration(scope, Kind.PREDICT, Kind.FORWARD)
        trained = [predict for predict in predictions if predict in trainings]
        others = [predict for predict in predictions if predict not in trainings]
        again = [other for other in loop.in_iteration(scope, Kind.SEED) if other is not seed]
        if path := loop.path(seed, to=trained, avoiding=[*others, *again], within=scope):
            yield Mistake(
                seed,
                f"`{seed.place.text or seed.how}` makes every iteration draw the same random numbers",
                path.with_notes("the same seed in every iteration", "the same dropout masks and noise are drawn here"),
                help="set the seed once, before the loop",
            )


def _of_the_loop(loop: EventGraph, step: Event, scope: LoopScope) -> bool:
    """Whether an optimizer exists before the loop, and is not one of several that the loop iterates over."""
    over = scope.over
    return scope not in step.subject.loops and (over is None or not step.subject.comes_from(over))
