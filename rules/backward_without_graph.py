"""LOOP307: see `backward_without_graph`."""

from collections.abc import Iterator

from looplint.events import (
    Context,
    Event,
    EventGraph,
    How,
    Kind,
    Place,
    Trace,
)
from looplint.events.queries.gradients.autograd import computed_without_graph, recording
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP307", severity=ERROR, preview=True, needs=[Kind.BACKWARD, (Kind.PREDICT, Kind.FORWARD, Kind.GRADE)])
def backward_without_graph(loop: EventGraph) -> Iterator[Mistake]:
    """`backward()` is called on a loss whose predictions were made without a graph.

    What it does
    ------------
    Looks for a `backward()` on a loss that comes from predictions under `torch.no_grad()` or
    `torch.inference_mode()` alone.

    Why is this bad?
    ----------------
    There is no graph to back-propagate through: `backward()` ends with a RuntimeError ("element 0 of tensors does not
    require grad"). If the loss is made a leaf to silence the error, nothing is trained.

    Example
    -------
    ```python
    for inputs, targets in loader:
        with torch.no_grad():
            loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    A loss to which anything else contributes that may have a graph is not reported: a trained head over frozen
    features, a criterion with parameters, a penalty on parameters, a value from unknown code. Neither is recording that
    depends on a condition.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation
    """
    off, on = recording(loop)
    batches = loop.iterables()
    leaves = loop.all(Kind.LEAF)
    recorded: set[Place] = set()
    mistaken: list[tuple[Event, Trace]] = []
    for backward in loop.all(Kind.BACKWARD):
        if loop.inside(backward, Context.GRAPH_ASKED_FOR):
            continue
        if not off or How.GRADIENT in backward.how.split() or any(leaf.is_subject(backward.subject) for leaf in leaves):
            continue
        found = [computed_without_graph(subject, off, on, batches) for subject in backward.subjects]
        if not all(found):
            recorded.add(backward.place)
        elif path := loop.path(found[0], to=backward):
            mistaken.append((backward, path))
    for backward, path in mistaken:
        # Code that is called with and without recording checks it before it back-propagates.
        if backward.place not in recorded or not loop.conditional(backward, unlike=path.events[0]):
            yield Mistake(
                backward,
                f"`{backward.name}` was computed without recording a graph, so that `backward()` fails",
                path.with_notes("no graph is recorded here", "there is no graph to back-propagate through"),
                help="move the prediction that is trained out of `no_grad`",
            )
