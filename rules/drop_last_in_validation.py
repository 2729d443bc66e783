"""LOOP808: see `drop_last_in_validation`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, How, Kind, LoopScope, Place, Trace, Type
from looplint.events.queries.modes.switches import evaluated
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP808", severity=WARNING, needs=[(Kind.READ, Kind.PREDICT, Kind.FORWARD)])
def drop_last_in_validation(loop: EventGraph) -> Iterator[Mistake]:
    """A loader for validation drops the samples that do not fill its last batch.

    What it does
    ------------
    Looks for a loader made with `drop_last=True` that only evaluation goes over.

    Why is this bad?
    ----------------
    Up to a batch of samples is never looked at: of 32 samples in batches of 12, 8 were missing. In a fixed order they
    are always the same, so that the score leaves out, say, the classes at the end; a set smaller than one batch gives
    no score at all. Dropping the last batch is for training, where a batch of one sample upsets batch normalisation.

    Example
    -------
    ```python
    val_loader = DataLoader(val_set, batch_size=64, drop_last=True)
    model.eval()
    with torch.no_grad():
        for inputs, targets in val_loader:
            hits += (model(inputs).argmax(1) == targets).sum().item()
    ```

    Use instead
    -----------
    ```python
    val_loader = DataLoader(val_set, batch_size=64)
    model.eval()
    with torch.no_grad():
        for inputs, targets in val_loader:
            hits += (model(inputs).argmax(1) == targets).sum().item()
    ```

    Known limits
    ------------
    Loaders with a sampler are left alone, since processes may need as many batches each, as are loaders that training
    goes over, too, or that shuffle.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
    """
    makes = loop.made(Type.LOADER)
    made: dict[AbstractObject, Event | Place] = {make.subject: make for make in makes}
    for scope in loop.iterations:
        # An attribute is made elsewhere, and only its name says that nothing trains on it.
        if scope.over is not None and scope.over.place is not None and Fact.VALIDATION in scope.over.facts:
            made.setdefault(scope.over, scope.over.place)
    for loader, make in made.items():
        given = loader.options
        if loader.type is not Type.LOADER or given.get("drop_last", given.get("8")) is not True:
            continue
        if given.get("shuffle", given.get("2", False)) is True:
            continue
        # Every batch of one sample is full.
        if given.get("batch_size", given.get("1", 1)) == 1:
            continue
        if given_for := loop.all(Kind.READ, about=loader, how=How.EVALUATED):
            yield Mistake(
                make,
                f"`{loader}` leaves out the last samples of what is validated",
                Trace((given_for[0],), ("the framework only evaluates with it",)),
                help="leave `drop_last` out for validation",
            )
            continue
        scopes = [scope for scope in loop.iterations if scope.over is loader]
        if Fact.SAMPLED in loader.facts or any(loop.in_iteration(scope, Kind.BACKWARD, Kind.STEP) for scope in scopes):
            continue
        if predict := next((one for scope in scopes for one in _evaluations(loop, scope)), None):
            yield Mistake(
                make,
                f"`{loader}` leaves out the last samples of what is validated",
                Trace((predict,), ("the last batch is dropped if it is not full, and only evaluation goes over it",)),
                help="leave `drop_last` out for validation",
            )


def _evaluations(loop: EventGraph, scope: LoopScope) -> list[Event]:
    """The predictions of that loop that are made in evaluation."""
    predicts = loop.in_iteration(scope, Kind.PREDICT, Kind.FORWARD)
    return [predict for predict in predicts if loop.unrecorded(predict) or evaluated(loop, predict)]
