"""LOOP105: see `exhausted_iterator`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule(
    "LOOP105",
    severity=ERROR,
    preview=True,
    needs=[Kind.ITERATE, (Kind.PREDICT, Kind.FORWARD, Kind.BACKWARD, Kind.STEP)],
)
def exhausted_iterator(loop: EventGraph) -> Iterator[Mistake]:
    """An iterator created before the epoch loop is empty from the second epoch on.

    What it does
    ------------
    Looks for a `for` in a loop over epochs over the result of `iter`, `enumerate`, `zip` or the like, created before
    that loop, if it predicts or trains.

    Why is this bad?
    ----------------
    An iterator can be consumed once. The first epoch exhausts it; all others do nothing, without an error: of two
    epochs of four batches four updates are made. An average over the batches divides by zero or stays as it was.

    Example
    -------
    ```python
    batches = enumerate(loader)
    for epoch in range(epochs):
        for step, (inputs, targets) in batches:
            loss = criterion(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for epoch in range(epochs):
        for step, (inputs, targets) in enumerate(loader):
            loss = criterion(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    ```

    Known limits
    ------------
    A loop with `break` or `return` may continue with the rest of the iterator next time: it is not reported. Neither
    are iterators over `itertools.cycle` and the like, and those that a function returns.

    References
    ----------
    - https://docs.python.org/3/glossary.html#term-iterator
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
    """
    for begin in loop.all(Kind.ITERATE):
        made = begin.subject
        if begin.how != "for":
            continue
        rounds = [scope for scope in begin.loops if scope not in made.loops and scope.is_written]
        if not rounds or begin.options.get(Option.LEFT) or not _trains(loop, begin):
            continue
        if again := loop.path(begin, to=begin, within=rounds[0].outer):
            yield Mistake(
                begin,
                f"`{begin.name}` is created before the outer loop and exhausted by its first iteration",
                again.with_notes("the first iteration exhausts it", "it is empty in every further one"),
                help=f"create `{begin.name}` in the `for` statement, so that each epoch gets a new one",
            )


def _trains(loop: EventGraph, begin: Event) -> bool:
    """Whether the loop that begins here predicts or trains."""
    depth = len(begin.loops)
    kinds = (Kind.PREDICT, Kind.FORWARD, Kind.BACKWARD, Kind.STEP)
    inside = (e for e in loop.all(*kinds) if e.loops[:depth] == begin.loops and len(e.loops) > depth)
    return any(event.loops[depth].place == begin.statement for event in inside)
