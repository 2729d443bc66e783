"""LOOP613: see `untrained_module`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, EventGraph, Kind, Trace
from looplint.events.queries.ownership.untrained import all_optimizers, held_by_none
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
    steps, optimizers = loop.all(Kind.STEP), all_optimizers(loop)
    reported: set[AbstractObject] = set()
    for backward in loop.all(Kind.BACKWARD) if steps and optimizers else ():
        beside = [step for step in steps if step.loops == backward.loops]
        for use, module in held_by_none(loop, backward, optimizers):
            if module not in reported and (path := loop.path(backward, to=beside)):
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
