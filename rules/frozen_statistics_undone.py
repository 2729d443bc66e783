"""LOOP315: see `frozen_statistics_undone`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Kind, Trace
from looplint.events.queries.modes.freezing import belongs_to, is_to_stay, next_training
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP315", severity=WARNING, preview=True, needs=[Kind.EVAL, Kind.TRAIN, Kind.BACKWARD])
def frozen_statistics_undone(loop: EventGraph) -> Iterator[Mistake]:
    """Layers are put into evaluation mode to freeze them, and `train()` of the whole network undoes it.

    What it does
    ------------
    Looks for a frozen part of a network (its parameters are frozen, or it is selected from `modules()`) that is
    switched to evaluation mode, also by the constructor of the network or by `apply`, followed by `train()` of the
    whole network, and a training prediction before the part is switched again.

    Why is this bad?
    ----------------
    `train()` reaches every module. Freezing parameters does not keep batch normalisation from learning: in training
    mode it normalises by the batch and moves its running statistics (norm 0.324 instead of 0 after two epochs), and
    dropout is active. The statistics that should stay pretrained change with each batch. No error is raised.

    Example
    -------
    ```python
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    model.backbone.eval()
    for epoch in range(epochs):
        model.train()
        for inputs, targets in loader:
            ...
    ```

    Use instead
    -----------
    ```python
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    for epoch in range(epochs):
        model.train()
        model.backbone.eval()
        for inputs, targets in loader:
            ...
    ```

    Known limits
    ------------
    A part that is in evaluation mode only temporarily, to predict or to be validated, is not frozen: its parameters
    have to be frozen, or nothing predicts before `train()` undoes it. If the network's class overrides `train` and its
    source is known, the override is inlined.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
    """
    reported: set[int] = set()
    predicting: dict[Event, Trace | None] = {}
    for freeze in loop.all(Kind.EVAL):
        part = freeze.subject
        if loop.inside(freeze, Context.FORWARD):
            continue  # each prediction switches it again
        for train in loop.all(Kind.TRAIN):
            whole = train.subject
            # One call with a mode that is an argument switches both ways.
            if train.node in reported or train.place == freeze.place or not belongs_to(part, whole):
                continue
            if not is_to_stay(loop, freeze, train):
                continue
            # Its own constructor may freeze the part: the network is made of it then.
            others = [make for make in loop.all(Kind.MAKE, about=whole) if make.place not in freeze.calls]
            if train not in predicting:
                predicting[train] = next_training(loop, train)
            if (path := predicting[train]) and (undone := loop.path(freeze, to=train, avoiding=others)):
                reported.add(train.node)
                yield Mistake(
                    train,
                    f"`{train.name}.train()` undoes `{freeze.name}.eval()`: the frozen part keeps learning",
                    (undone + path).with_notes(
                        "the part is put into evaluation mode", "all of it is in training mode again", "and it predicts"
                    ),
                    help=f"call `{freeze.name}.eval()` behind each `{train.name}.train()`",
                )
