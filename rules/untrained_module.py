"""LOOP613: see `untrained_module`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Kind, Trace, Type
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP613", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def untrained_module(loop: EventGraph) -> Iterator[Mistake]:
    """A new module contributes to a back-propagated loss, but no optimizer holds its parameters.

    What it does
    ------------
    Looks for a module, or a criterion with parameters of its own, that is constructed here with random weights and
    contributes to a back-propagated loss, while all optimizers that step are constructed here over other modules.

    Why is this bad?
    ----------------
    Gradients are computed for it, but nothing updates it: it keeps its random weights (change after training 0.0), and
    the rest of the network has to work around it. A discriminator whose optimizer holds the generator's parameters
    never learns; neither do the class centres of a criterion such as `ArcFaceLoss`. No error is raised.

    Example
    -------
    ```python
    head = nn.Linear(10, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(head(model(inputs)), targets)
        loss.backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    head = nn.Linear(10, 3)
    optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(head(model(inputs)), targets)
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Modules that are loaded, pretrained, copied, frozen or left in evaluation mode stay unchanged on purpose. Where an
    optimizer, or its parameters, come from unknown code, nothing is reported; nor are attributes with
    which their class does anything but call them: another method may train them.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#constructing-it
    - https://kevinmusgrave.github.io/pytorch-metric-learning/losses/#losses-with-weights
    """
    steps = loop.all(Kind.STEP)
    optimizers = {make.subject for make in loop.made(Type.OPTIMIZER)} | set(loop.subjects(Kind.STEP))
    if not steps or not all(one.type is Type.OPTIMIZER and _is_known(one) for one in optimizers):
        return
    reported: set[AbstractObject] = set()
    for backward in loop.all(Kind.BACKWARD):
        through = loop.leading_to(backward.subjects, Kind.PREDICT, Kind.FORWARD, Kind.GRADE)
        for use in through:
            module = _whole(use.subject)
            if (
                Fact.FRESH not in module.facts
                or Fact.PREPARED in module.facts
                or module in reported
                or loop.unrecorded(use)
            ):
                continue
            known = loop.origin(module) is not None or Fact.ONLY_CALLED in module.facts
            # Of several that one call may mean, each is given to the optimizer as the others are.
            meant = [other.subject for other in through if other.place == use.place]
            if not known or any(o.related(one) for o in optimizers for one in meant) or _stays(loop, module):
                continue
            beside = [step for step in steps if step.loops == backward.loops]
            if path := loop.path(backward, to=beside):
                reported.add(module)
                yield Mistake(
                    use,
                    f"`{use.name}` contributes to `{backward.name}`, but no optimizer holds its parameters",
                    Trace(
                        (use, *path.events),
                        ("it is made here, with random weights", "it gets gradients", "no step uses them"),
                    ),
                    help=f"give the parameters of `{use.name}` to an optimizer, or freeze it",
                )


def _whole(module: AbstractObject) -> AbstractObject:
    """The list that a module is taken from: it is given to an optimizer as a whole."""
    lists = [one for one in module.operands if Fact.HOLDS_MODULES in one.facts]
    return lists[0] if module.external and len(module.operands) == 1 and lists else module


def _is_known(optimizer: AbstractObject) -> bool:
    """Whether the parameters of an optimizer are known."""
    made_of = [one for one in optimizer.ancestry() if one is not optimizer and not one.operands]
    return optimizer.certain and bool(made_of) and all(one.type in KNOWN for one in made_of)


def _stays(loop: EventGraph, module: AbstractObject) -> bool:
    """Whether a module stays unchanged on purpose, or other code may train it."""
    says = [e for e in loop.all(*SAYS) if e.how != "detach" and not _sets_up(e)]
    about = [e for e in says if any(_is_part(one, module) for one in e.subjects)]
    kept = [e for e in loop.all(Kind.ASSIGN) if e.object is module and Fact.ONLY_CALLED not in module.facts]
    return (
        bool(kept) or any(e.kind is not Kind.LOAD or e.how != "apply" for e in about) or _only_evaluates(loop, module)
    )


def _sets_up(event: Event) -> bool:
    """Whether an attribute of an object that was passed networks is set, which changes none of them."""
    thing = event.subject
    plain = thing.type is Type.UNKNOWN and bool(thing.constructor) and not thing.external
    return event.kind is Kind.ASSIGN and plain and event.how not in OF_TENSORS


def _only_evaluates(loop: EventGraph, module: AbstractObject) -> bool:
    switched = {e.kind for e in loop.all(Kind.EVAL, Kind.TRAIN, about=module)}
    return switched == {Kind.EVAL}


def _is_part(thing: AbstractObject, module: AbstractObject) -> bool:
    """Whether an object is the module, a part of it, or a module that contains it."""
    return (thing.comes_from(module) and thing.type in HOLDS) or any(thing is owner for owner in module.owners())


OF_TENSORS = ("data", "grad", "requires_grad")
KNOWN = (Type.MODULE, Type.PARAMETERS, Type.CRITERION, Type.NUMBER)
HOLDS = (Type.MODULE, Type.PARAMETERS, Type.CRITERION, Type.COLLECTION, Type.UNKNOWN)
SAYS = (Kind.LOAD, Kind.ASSIGN, Kind.READ, Kind.ESCAPE, Kind.REBIND)
