"""LOOP901: see `best_state_aliased`."""

import re
from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, How, Kind, LoopScope, Option, Trace
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP901", severity=ERROR)
def best_state_aliased(loop: EventGraph) -> Iterator[Mistake]:
    """The best weights are kept by reference and change with the next step.

    What it does
    ------------
    Looks for `model.state_dict()` (or a shallow copy of it) kept under a name, an optimizer step on that model after
    it, and a use of what was kept after that step: it is loaded, saved, handed on or returned. What some iterations
    keep in an attribute that is not read in its file is there for others to use.

    Why is this bad?
    ----------------
    `state_dict()` gives the parameters themselves, not copies, and `.copy()` copies only the dictionary. The next
    step changes what was kept: what is restored or saved as the best model is the last one (the distance between the
    kept and the trained weights was 0).

    Example
    -------
    ```python
    if accuracy > best:
        best_state = model.state_dict()
    ```

    Use instead
    -----------
    ```python
    if accuracy > best:
        best_state = copy.deepcopy(model.state_dict())
    ```

    Known limits
    ------------
    A state that is moved on the way (`.cpu()`) is copied on a GPU and shared on a CPU: it is left alone.

    References
    ----------
    - https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html#saving-loading-model-for-inference
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.state_dict
    """
    for snapshot in loop.all(Kind.SNAPSHOT):
        state, remade = snapshot.object, [snapshot, loop.origin(snapshot.subject)]
        if state is None:
            continue
        uses = [event for event in loop.all(Kind.LOAD, Kind.SAVE, Kind.ESCAPE) if _uses(event, state)]
        fresh = [event for event in remade if event is not None]
        # Another state that the same use may mean is what it means behind the place where that one is taken.
        later = [other for other in loop.all(Kind.SNAPSHOT) if other is not snapshot]
        instead = {use: [other for other in later if other.object and _uses(use, other.object)] for use in uses}
        for step in loop.all(Kind.STEP, concerning=snapshot.subject):
            if not (way := loop.path(snapshot, to=step, avoiding=fresh[1:])):
                continue
            notes = ["the state is kept", "the step changes it"]
            ways = (_used(loop, snapshot, step, use, [*fresh, *instead[use]]) for use in uses)
            if used := next(filter(None, ways), None):
                way, notes = way + used, [*notes, "what is used is the last state"]
            elif not _is_for_others(loop, snapshot):
                continue
            written = re.search(r"([\w.]+)\.state_dict\(", snapshot.place.text)
            model = written[1] if written else snapshot.name
            copy = f"{{name: value.clone() for name, value in {snapshot.place.text}.items()}}"
            yield Mistake(
                snapshot,
                f"what is kept of `{model}` is no copy: the next step changes it",
                way.with_notes(*notes),
                help=f"keep a copy: `copy.deepcopy({model}.state_dict())`",
                fix=unsafe("Copy the tensors", replace(snapshot, copy)) if snapshot.place.text else None,
            )
            break


def _used(loop: EventGraph, snapshot: Event, step: Event, use: Event, instead: list[Event]) -> Trace | None:
    """A way from a step to a use of what was kept before it. What a call returns, it has kept itself."""
    around = use.loops[0] if use.how == How.RETURNED else _made_anew_in(snapshot, use)
    if around is not None and not loop.path(snapshot, to=step, within=around):
        return None
    return loop.path(step, to=use, avoiding=instead, doubt=False, within=around)


def _made_anew_in(snapshot: Event, use: Event) -> LoopScope | None:
    """Where the state was made before it was given this name: the innermost loop around both that and the use. What a
    helper is handed in each pass is another state each time."""
    state, here = snapshot.object, snapshot.statement
    if state is None or state.place is None or here is None:
        return None
    if state.place.path == here.path and here.row <= state.place.row <= here.end_row:
        return None
    return next((scope for scope in reversed(state.loops) if scope in use.loops), None)


def _is_for_others(loop: EventGraph, snapshot: Event) -> bool:
    """Whether the state of some iterations is kept in an attribute that is not read in its own file."""
    around = [scope for scope in snapshot.loops if not scope.is_call]
    kept = snapshot.options.get(Option.FOR_OTHERS) is True
    return kept and bool(around) and loop.conditional(snapshot, within=around[-1])


def _uses(event: Event, state: AbstractObject) -> bool:
    """Whether a state, or something made of it, is loaded, saved or handed on."""
    return any(thing.comes_from(state) for thing in (*event.subjects, *event.inputs, event.object) if thing is not None)
