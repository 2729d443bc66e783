"""LOOP105: see `exhausted_iterator`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP105", severity=ERROR, preview=True)
def exhausted_iterator(loop: EventGraph) -> Iterator[Mistake]:
    """An iterator that was made once is looped over in every epoch: from the second on it is empty.

    What it does
    ------------
    Looks for a `for` in a loop over epochs that goes through what `iter`, `enumerate`, `zip` and their like have
    made before that loop, and that predicts or trains.

    Why is this bad?
    ----------------
    An iterator can be gone through once. The first epoch uses it up; all others do nothing, without an error: of two
    epochs of four batches four updates are made. What is averaged over the batches is divided by zero or stays as
    it was.

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
    A loop that is left by `break` or `return` may go on with the rest of the iterator next time: it is left alone. So
    are iterators over `itertools.cycle` and its like, and those that a function returns.

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
                f"`{begin.name}` is used up by the first pass, and was made before the loop around this one",
                again.with_notes("the first pass uses it up", "every further one finds it empty"),
                help=f"write what `{begin.name}` was made of in the `for`, so that it is made anew each time",
            )


def _trains(loop: EventGraph, begin: Event) -> bool:
    """Whether the loop that begins here predicts or trains."""
    depth = len(begin.loops)
    kinds = (Kind.PREDICT, Kind.FORWARD, Kind.BACKWARD, Kind.STEP)
    inside = (e for e in loop.all(*kinds) if e.loops[:depth] == begin.loops and len(e.loops) > depth)
    return any(event.loops[depth].place == begin.statement for event in inside)
