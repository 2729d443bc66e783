"""LOOP315: see `frozen_statistics_undone`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, Kind, Trace, derivation
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
            if train.node in reported or train.place == freeze.place or not _belongs(part, whole):
                continue
            if not _is_frozen(loop, freeze) and not _undone_at_once(loop, freeze, train):
                continue
            if Fact.MODE_FREE in part.facts or (freeze.function == "__init__" and _is_optional(loop, freeze)):
                continue
            if any(one is whole for one in freeze.subjects) or _is_one_name(freeze, train):
                continue  # a network that is wrapped on one path only: both calls are about all of it
            if _opens_all(loop, train):
                continue  # the rest was frozen for a while
            # Its own constructor may freeze the part: the network is made of it then.
            others = [make for make in loop.all(Kind.MAKE, about=whole) if make.place not in freeze.calls]
            if train not in predicting:
                predicting[train] = _predicts_next(loop, train)
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


def _predicts_next(loop: EventGraph, train: Event) -> Trace | None:
    """A path to the next prediction for training that no part of the network is switched on."""
    whole = train.subject
    again = [event for event in loop.all(Kind.EVAL) if event.is_subject(whole) or _belongs(event.subject, whole)]
    trained = [event for event in loop.trainings() if event.is_subject(whole)]
    return loop.path(train, to=trained, avoiding=again)


def _belongs(part: AbstractObject, whole: AbstractObject) -> bool:
    """Whether it is a part of the whole, or one of its `modules()`: not the whole itself, nor what is made of it."""
    selected = [one for one in derivation(part) if Fact.PARTS in one.facts]
    held = [part, *(thing for one in selected for thing in one.operands)]
    return part is not whole and any(owner is whole for one in held for owner in one.owners())


def _is_frozen(loop: EventGraph, freeze: Event) -> bool:
    """Whether the parameters of the part are frozen, or it is selected from all modules."""
    inner = next(reversed(freeze.loops), None)
    selected = inner is not None and inner.kind == "for" and inner.function == freeze.function
    if inner is not None and selected and loop.conditional(freeze, within=inner):
        return loop.iterates_over_subject(freeze, inner)
    return any(event.comes_from(freeze.subject) for event in loop.gradient_switches())


def _is_optional(loop: EventGraph, freeze: Event) -> bool:
    """Whether a condition decides if anything is frozen, beside the one that selects what is."""
    inner = next(reversed(freeze.loops), None)
    selects = range(*inner.nodes) if inner is not None and inner.function == freeze.function else range(0)
    around = [branch for branch in loop.branches if branch.node not in selects]
    return any(low <= freeze.node < high for branch in around for low, high in branch.arms)


def _is_one_name(freeze: Event, train: Event) -> bool:
    return freeze.name == train.name and freeze.function == train.function


def _opens_all(loop: EventGraph, train: Event) -> bool:
    """Whether the same function also sets `requires_grad` of all parameters of the network."""
    return any(e.function == train.function and e.comes_from(train.subject) for e in loop.gradient_switches())


def _undone_at_once(loop: EventGraph, freeze: Event, train: Event) -> bool:
    """Whether nothing predicts between the two calls: the first one is not for a validation."""
    uses = [
        event
        for event in loop.all(Kind.PREDICT, Kind.FORWARD, Kind.HAND_OVER, Kind.RUN)
        if event.is_subject(train.subject) or event.is_subject(freeze.subject)
        if event.place not in freeze.calls  # `model.apply(freeze)` hands it over
    ]
    ends = loop.all(Kind.TRAIN, about=freeze.subject)
    # A loop over batches may have none: a path past its predictions says nothing.
    validates = loop.path(freeze, to=uses, avoiding=[train, *ends]) is not None
    return not validates and loop.path(freeze, to=train, avoiding=[*uses, *ends]) is not None
