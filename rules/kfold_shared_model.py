"""LOOP807: see `kfold_shared_model`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, LoopScope, Trace
from looplint.events.queries.loops.repetition import goes_over_folds, is_within, made_before, splits_anew
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP807", severity=ERROR, needs=[Kind.PREDICT, Kind.BACKWARD, Kind.STEP])
def kfold_shared_model(loop: EventGraph) -> Iterator[Mistake]:
    """Cross-validation trains one model on all folds: it is validated on samples that it was trained on.

    What it does
    ------------
    Looks for a loop over folds, or over random splits of one dataset, that trains and validates a model which is made
    before the loop and does not begin anew in it.

    Why is this bad?
    ----------------
    From the second fold on the model has seen what the fold holds out. On labels that are drawn at random, of which one
    half is right by chance, five folds reported 89 % right, and 48 % with a model for each. The mean says nothing.

    Example
    -------
    ```python
    from sklearn.model_selection import KFold
    from torch.utils.data import Subset

    model = nn.Linear(30, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for fold, (train_ids, val_ids) in enumerate(KFold(5).split(dataset)):
        for inputs, targets in DataLoader(Subset(dataset, train_ids), batch_size=32):
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        with torch.no_grad():
            for inputs, targets in DataLoader(Subset(dataset, val_ids), batch_size=32):
                hits += (model(inputs).argmax(1) == targets).sum().item()
    ```

    Use instead
    -----------
    ```python
    from sklearn.model_selection import KFold
    from torch.utils.data import Subset

    for fold, (train_ids, val_ids) in enumerate(KFold(5).split(dataset)):
        model = nn.Linear(30, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for inputs, targets in DataLoader(Subset(dataset, train_ids), batch_size=32):
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        with torch.no_grad():
            for inputs, targets in DataLoader(Subset(dataset, val_ids), batch_size=32):
                hits += (model(inputs).argmax(1) == targets).sum().item()
    ```

    Known limits
    ------------
    A model that is loaded, reset or passed to code outside the analysed files in the loop may begin anew there: nothing
    is reported. `TimeSeriesSplit` is left alone, since a model may go on from one window to the next.

    References
    ----------
    - https://scikit-learn.org/stable/modules/cross_validation.html
    """
    trained = loop.trainings()
    for scope in loop.iterations:
        if not scope.is_written or not (goes_over_folds(scope) or splits_anew(loop, scope)):
            continue
        inside = [event for event in trained if scope in event.loops]
        reported: list[AbstractObject] = []
        for validate in loop.in_iteration(scope, Kind.PREDICT):
            model = validate.subject
            if validate in trained or is_within(scope, model.loops) or any(model is one for one in reported):
                continue
            if not set(model.loops) <= set(validate.loops) or loop.iterates_over_subject(validate, scope):
                continue  # one of several, made in a loop of its own
            begins = loop.in_iteration(scope, *BEGINS_ANEW, concerning=model)
            if begins or loop.in_iteration(scope, Kind.ASSIGN, about=model) or not made_before(loop, scope, model):
                continue
            if path := _path(loop, scope, inside, validate):
                reported.append(model)
                yield Mistake(
                    validate,
                    f"`{validate.name}` is validated on samples that it was trained on in another fold",
                    path.with_notes("the model is trained on the rest", "it is validated on what the fold holds out"),
                    help="make the model and its optimizer in the loop over folds",
                )


def _path(loop: EventGraph, scope: LoopScope, trained: list[Event], validate: Event) -> Trace | None:
    """From a training prediction by a step to the validation of the same model, in one pass."""
    used = loop.in_iteration(scope, Kind.STEP, concerning=validate.subject)
    for train in (event for event in trained if event.is_subject(validate.subject)):
        stepped = loop.path(train, to=used, within=scope)
        if stepped is not None and loop.path(stepped.events[1], to=validate, within=scope) is not None:
            return Trace((train, validate))
    return None


BEGINS_ANEW = (Kind.LOAD, Kind.HAND_OVER, Kind.ESCAPE)
