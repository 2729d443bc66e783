"""LOOP611: see `parameters_replaced_after_optimizer`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, How, Kind, Option, Type
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP611", severity=ERROR, needs=[Kind.MAKE, Kind.ASSIGN, Kind.STEP])
def parameters_replaced_after_optimizer(loop: EventGraph) -> Iterator[Mistake]:
    """A layer is replaced after the optimizer was constructed, which keeps training the old one.

    What it does
    ------------
    Looks for a new layer or parameter assigned to a model over which an optimizer was already constructed, when that
    optimizer steps afterwards; also for `fully_shard` and peft's `get_peft_model`, which replace them in place.

    Why is this bad?
    ----------------
    An optimizer holds parameters, not the model. The new layer's parameters are not among them: its change after
    training was 0.0. There is no warning.

    Example
    -------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.fc = nn.Linear(512, 10)
    ```

    Use instead
    -----------
    ```python
    model.fc = nn.Linear(512, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ```

    Known limits
    ------------
    `model.to(device)` after the optimizer is fine: the parameters stay the same objects. Layers without parameters and
    layers passed to the optimizer by `add_param_group` are not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#constructing-it
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.add_param_group.html
    """
    makes = loop.made(Type.OPTIMIZER, certain=True)
    for assign in loop.all(Kind.ASSIGN):
        # A layer constructed in `forward` is reported as LOOP305.
        if loop.inside(assign, Context.FORWARD) or _is_moved(assign) or not _brings_parameters(loop, assign):
            continue
        for make in makes:
            optimizer = make.subject
            if not _holds_old(loop, optimizer, assign) or optimizer.comes_from(assign.object or optimizer):
                continue
            steps = loop.all(Kind.STEP, about=optimizer)
            escaped = loop.all(Kind.READ, Kind.ESCAPE, about=optimizer)
            replaced = loop.path(make, to=assign, avoiding=makes)
            stepped = replaced and loop.path(assign, to=steps, avoiding=[*makes, *escaped])
            if not stepped and _listed_before(optimizer, assign, make):
                replaced, stepped = loop.path(assign, to=make), loop.path(make, to=steps, avoiding=escaped)
            if replaced and stepped:
                replaces = f"`{assign.name}.{assign.how}` was replaced: it trains the old one"
                if assign.how == How.NEW_PARAMETERS:
                    replaces = f"`{assign.name}` got new parameters: it trains the old ones"
                yield Mistake(
                    assign,
                    f"`{make.name}` was made before {replaces}",
                    (replaced + stepped).with_notes(
                        "it holds these parameters", "new ones come", "it steps the old ones"
                    ),
                    help="make the optimizer after the model is complete",
                )
                break


def _listed_before(optimizer: AbstractObject, assign: Event, make: Event) -> bool:
    """Whether an optimizer was made of a list that was made, in the same function, before new parameters came."""
    listed = optimizer.operands[0].place if optimizer.operands else None
    if listed is None or assign.how != How.NEW_PARAMETERS or assign.function != make.function:
        return False
    in_order = listed.before(assign.place) and assign.place.before(make.place)
    return in_order and listed.text.startswith(("[", "list("))


def _is_moved(assign: Event) -> bool:
    """Whether another part of the same model takes that place: `self.before = self.now`."""
    owner, value = assign.place.text.rpartition(".")[0], assign.options.get(Option.WRITTEN)
    return isinstance(value, str) and value.replace(".", "").isidentifier() and value.rpartition(".")[0] == owner


def _holds_old(loop: EventGraph, optimizer: AbstractObject, assign: Event) -> bool:
    """Whether an optimizer was made of the module that is changed, or of the part that is replaced."""
    module, new = assign.subject, assign.object
    before = [e.object for e in loop.all(Kind.ASSIGN, about=module) if e.how == assign.how and e.object is not new]
    return any(
        one is module
        or any(one is part for part in before)
        or (one is not new and module in one.owners() and one.name.rpartition(".")[2] == assign.how)
        for one in optimizer.ancestry()
    )


def _brings_parameters(loop: EventGraph, assign: Event) -> bool:
    """Whether the assignment adds new trainable parameters, not only those that the model had before."""
    new = assign.object
    if new is None or new.type not in (Type.MODULE, Type.PARAMETERS) or not new.certain or new.external:
        return False
    before = [event.object for event in loop.all(Kind.ASSIGN, about=assign.subject) if event is not assign]
    known = (assign.subject, *(part for part in before if part is not None and part is not new))
    made_of = [owner for part in new.ancestry() if part is not new for owner in part.owners()]
    return Fact.NO_PARAMETERS not in new.facts and not any(part is one for part in known for one in made_of)
