"""LOOP314: see `target_is_the_model`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, How, Kind, Type
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP314", severity=ERROR, needs=[(Kind.LOAD, Kind.READ)])
def target_is_the_model(loop: EventGraph) -> Iterator[Mistake]:
    """A network is loaded from its own state: the target network and the trained one are one object.

    What it does
    ------------
    Looks for `target.load_state_dict(model.state_dict())` where both names stand for the same module, since one was
    bound to the other, or both to what `model.to(device)` returns.

    Why is this bad?
    ----------------
    `.to()`, `.cuda()` and an assignment make no copy of a module. The target moves with each update instead of standing
    still between two synchronisations (largest distance between the two 0.0), so that a network is trained towards its
    own latest output, which such targets are there to prevent. No error is raised.

    Example
    -------
    ```python
    policy = model.to("cuda")
    target = model.to("cuda")
    target.load_state_dict(policy.state_dict())
    ```

    Use instead
    -----------
    ```python
    policy = model.to("cuda")
    target = copy.deepcopy(policy)
    target.load_state_dict(policy.state_dict())
    ```

    Known limits
    ------------
    Networks that a loop or a function creates under one name cannot be distinguished and are not reported. Targets that
    are synchronised parameter by parameter are checked where one `zip` takes the parameters of both.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
    """
    yield from _paired(loop)
    loads = loop.all(Kind.LOAD)
    for load in loads:
        target = load.subject
        states = [one for one in load.inputs if Fact.STATE in one.facts]
        if len(load.subjects) > 1 or load.how != "load_state_dict" or target.type is not Type.MODULE:
            continue
        # If one of the names may refer to something else, it does so here.
        others = any(other.subject is not target for other in loop.alternatives(load))
        if others or any(state.operands != (target,) for state in states):
            continue
        for state in states:
            source = _written(state).removesuffix(".state_dict()")
            if not _is_made_here(load, state) or source in ("", load.name) or _is_several(target, load):
                continue
            yield Mistake(
                load,
                f"`{load.name}` and `{source}` are one module: it is loaded from its own state",
                help=f"make `{load.name}` a copy: `copy.deepcopy({source})`",
            )


def _paired(loop: EventGraph) -> Iterator[Mistake]:
    """Networks whose parameters are moved towards their own."""
    reads = loop.all(Kind.READ, how=How.BESIDE_ITSELF)
    for read in reads:
        target = read.subject
        if all(one.subject is target for one in loop.alternatives(read)) and not _is_several(target, read):
            yield Mistake(
                read,
                f"`{read.name}` and the network that it follows are one module: it stays equal to it",
                help=f"make `{read.name}` a copy: `copy.deepcopy(...)`",
            )


def _written(state: AbstractObject) -> str:
    return state.place.text if state.place is not None else ""


def _is_made_here(load: Event, state: AbstractObject) -> bool:
    """Whether the call that loads the state also reads it: a kept state is LOOP901."""
    return state.place is not None and load.place.encloses(state.place)


def _is_several(module: AbstractObject, load: Event) -> bool:
    """Whether one object of the graph may be several modules: made in a loop, or an entry of a collection."""
    return any(index not in load.loops for index in module.loops) or any("[" in one.name for one in module.owners())
