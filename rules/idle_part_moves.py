"""LOOP209: see `idle_part_moves`."""

import re
from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, Kind
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


@rule("LOOP209", severity=WARNING, preview=True, needs=[(Kind.PREDICT, Kind.FORWARD), Kind.STEP])
def idle_part_moves(loop: EventGraph) -> Iterator[Mistake]:
    """A layer that a batch does not train is moved by momentum: its gradients are zeros instead of None.

    What it does
    ------------
    Looks for `zero_grad(set_to_none=False)` in a loop in which each batch trains one layer of a `ModuleList` or
    `ModuleDict` that the loop selects, by one optimizer over all of them that moves without a gradient: one with
    momentum, or with weight decay.

    Why is this bad?
    ----------------
    An optimizer leaves alone what has no gradient, and treats zeros as a gradient: the momentum of earlier batches, and
    the weight decay, move layers that the batch says nothing about (a head that rests for three steps of Adam moves by
    0.684, instead of 0). No error is raised.

    Example
    -------
    ```python
    heads = nn.ModuleList([nn.Linear(64, 10), nn.Linear(64, 10)])
    optimizer = torch.optim.Adam(heads.parameters())
    for inputs, targets, task in loader:
        optimizer.zero_grad(set_to_none=False)
        criterion(heads[task](inputs), targets).backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    heads = nn.ModuleList([nn.Linear(64, 10), nn.Linear(64, 10)])
    optimizer = torch.optim.Adam(heads.parameters())
    for inputs, targets, task in loader:
        optimizer.zero_grad()
        criterion(heads[task](inputs), targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    The layer has to be selected by something that the loop counts or iterates over, and called in the loop itself. A
    network that selects a part in its own `forward` is left alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html
    """
    for step in loop.all(Kind.STEP):
        made = step.subject.loops
        # One that is made in a loop of its own is one of several, each of which may hold one part.
        if Fact.MOVES_ON_ZEROS not in step.subject.facts or made != step.loops[: len(made)]:
            continue
        clears = [e for e in loop.all(Kind.CLEAR, about=step.subject) if e.options.get("set_to_none") is False]
        clear = next((event for event in clears if event.loops == step.loops), None)
        selected = [event for event in loop.trainings() if _selects_part(event, step)] if clear else []
        if clear is None or len({event.place for event in selected}) != 1 or _runs_others(loop, selected[0], step):
            continue
        if path := loop.path(selected, to=step, within=step.loops[-1]):
            yield Mistake(
                clear,
                f"`{step.name}` also moves the parts that a batch does not train: their gradients are zeros",
                path.with_notes("each batch trains one of them", "the step moves all"),
                help="call `zero_grad()` without `set_to_none=False`",
                fix=unsafe("Let the gradients be None", replace(clear, f"{clear.name}.zero_grad()")),
            )


def _selects_part(predict: Event, step: Event) -> bool:
    """Whether each batch selects another one of the layers that are updated."""
    container = predict.subject.owner
    if predict.loops != step.loops or not step.loops or container is None or not predict.name.endswith("]"):
        return False
    names = set(re.findall(r"\w+", predict.name.rpartition("[")[2]))
    counted = {name for scope in step.loops for name in re.findall(r"\w+", scope.target)}
    return not names.isdisjoint(counted) and any(step.subject.comes_from(one) for one in container.owners())


def _runs_others(loop: EventGraph, selected: Event, step: Event) -> bool:
    """Whether the same pass also predicts with all of them, or with another one."""
    container = selected.subject.owner
    others = [e for e in loop.in_iteration(step.loops[-1], Kind.PREDICT) if e.place != selected.place]
    return any(one is container for event in others for thing in event.subjects for one in thing.owners())
