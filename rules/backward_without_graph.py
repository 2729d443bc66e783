"""LOOP307: see `backward_without_graph`."""

from collections.abc import Iterator

from looplint.events import (
    AbstractObject,
    Context,
    Event,
    EventGraph,
    Fact,
    Graph,
    How,
    Kind,
    Place,
    Trace,
    Type,
    derivation,
)
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
    computed = loop.all(Kind.PREDICT, Kind.FORWARD, Kind.GRADE)
    unrecorded = [e for e in computed if loop.unrecorded(e)]
    off = {id(thing): e for e in unrecorded for thing in (e.object, *e.outputs) if thing}
    # The output of a module while gradients are recorded has a graph, and so has the loss of a criterion with
    # parameters.
    on = {id(e.object) for e in computed if not (e.kind is Kind.GRADE and e.subject.constructor.startswith("torch."))}
    batches = loop.iterables()
    leaves = loop.all(Kind.LEAF)
    recorded: set[Place] = set()
    mistaken: list[tuple[Event, Trace]] = []
    for backward in loop.all(Kind.BACKWARD):
        if loop.inside(backward, Context.GRAPH_ASKED_FOR):
            continue
        if not off or How.GRADIENT in backward.how.split() or any(leaf.is_subject(backward.subject) for leaf in leaves):
            continue
        found = [_predicted(subject, off, on - set(off), batches) for subject in backward.subjects]
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


def _predicted(loss: AbstractObject, off: dict[int, Event], on: set[int], batches: set[AbstractObject]) -> list[Event]:
    """The predictions without a graph behind a loss; none if anything else in it may have a graph."""

    def plain(thing: AbstractObject) -> bool:
        return thing in batches or thing.type in (Type.SCALER, Type.CRITERION, Type.FRAMEWORK)

    found = []
    for thing in derivation(loss, through=lambda one: () if id(one) in off or plain(one) else one.origins):
        recorded = id(thing) in on or (thing is not loss and thing.graph is Graph.YES)
        if id(thing) in off:
            found.append(off[id(thing)])
        elif (
            recorded
            # `requires_grad_()` begins a graph of its own.
            or Fact.LEAF in thing.facts
            or thing.type in (Type.MODULE, Type.PARAMETERS, Type.ENGINE)
            or not (plain(thing) or thing.origins or thing.graph is Graph.NO or Fact.COUNTER in thing.facts)
        ):
            return []
    return found
