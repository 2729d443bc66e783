"""LOOP901: see `best_state_aliased`."""

import re
from collections.abc import Iterator

from looplint.events import (
    AbstractObject,
    Event,
    EventGraph,
    Fact,
    How,
    Kind,
    LoopScope,
    Option,
    Trace,
    Type,
    derivation,
)
from looplint.rule import ERROR, Mistake, prefix, rule, suffix, unsafe


@rule("LOOP901", severity=ERROR, needs=[Kind.SNAPSHOT, Kind.STEP])
def best_state_aliased(loop: EventGraph) -> Iterator[Mistake]:
    """The best weights are kept by reference and change with the next step.

    What it does
    ------------
    Looks for `model.state_dict()` (or a shallow copy of it) kept under a name, an optimizer step on that model after
    it, and a use of the kept state after that step: it is loaded, saved, passed on or returned. A state kept in an
    attribute by some iterations, and not read in its file, is assumed to be used elsewhere.

    Why is this bad?
    ----------------
    `state_dict()` returns the parameters themselves, not copies, and `.copy()` copies only the dictionary. The next
    step changes the kept state: the model restored or saved as the best one is the last one (the distance between the
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
    A state that is moved before it is kept (`.cpu()`) is copied on a GPU and shared on a CPU: it is not reported.

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
        later = [other for other in loop.all(Kind.SNAPSHOT) if other is not snapshot and not _beside(snapshot, other)]
        instead = {use: [other for other in later if _means_instead(use, state, other.object)] for use in uses}
        for path in loop.paths(snapshot, to=loop.all(Kind.STEP, concerning=snapshot.subject), avoiding=fresh[1:]):
            step = path.events[-1]
            notes = ["the state is kept", "the step changes it"]
            paths = (_used(loop, snapshot, step, use, [*fresh, *instead[use]]) for use in uses)
            if used := next(filter(None, paths), None):
                path, notes = path + used, [*notes, "the state used is the last one"]
            elif not _is_for_others(loop, snapshot):
                continue
            written = re.search(r"([\w.]+)\.state_dict\(", snapshot.place.text)
            model = written[1] if written else snapshot.name
            copy = (prefix(snapshot, "{name: value.clone() for name, value in "), suffix(snapshot, ".items()}"))
            yield Mistake(
                snapshot,
                f"the kept state of `{model}` is not a copy: the next step changes it",
                path.with_notes(*notes),
                help=f"keep a copy: `copy.deepcopy({model}.state_dict())`",
                fix=None if snapshot.how == How.PACKED else unsafe("Copy the tensors", *copy),
            )
            break


def _means_instead(use: Event, state: AbstractObject, other: AbstractObject | None) -> bool:
    """Whether a use may mean another state, not both of them, as the difference of two states does."""
    if other is None or not _uses(use, other):
        return False
    used = [thing for one in (*use.subjects, *use.inputs) for thing in one.ancestry() if thing.type is Type.UNKNOWN]
    own = [one for one in used if one is not state and one is not other]
    return not any(one.comes_from(state) and one.comes_from(other) for one in own)


def _used(loop: EventGraph, snapshot: Event, step: Event, use: Event, instead: list[Event]) -> Trace | None:
    """A path from a step to a use of a state kept before it. The result of a call was kept by the call."""
    around = use.loops[0] if use.how == How.RETURNED else None
    around = around or _creating_loop(loop, snapshot, use) or _filling_loop(loop, snapshot, use)
    if around is None and snapshot.options.get(Option.LOCAL) is True:
        # Another call of the function has another variable.
        around = next((scope for scope in reversed(loop.common(snapshot, use)) if scope.is_call), None)
    if around is not None and not loop.path(snapshot, to=step, within=around):
        return None
    return loop.path(step, to=use, avoiding=instead, doubt=False, within=around)


def _creating_loop(loop: EventGraph, snapshot: Event, use: Event) -> LoopScope | None:
    """Where the state was made before it was given this name: the innermost loop around both that and the use. What a
    helper is passed in each iteration is another state each time."""
    state, here = snapshot.object, snapshot.statement
    if state is None or state.place is None or here is None:
        return None
    if state.place.path == here.path and here.row <= state.place.row <= here.end_row:
        return None
    return loop.innermost(state, use)


def _filling_loop(loop: EventGraph, snapshot: Event, use: Event) -> LoopScope | None:
    """The innermost loop around both the use and the creation of the collection that is used there with the state in
    it: it is another one in each iteration."""
    made = [one for one in (*use.subjects, *use.inputs) if one.type is Type.COLLECTION and not one.external]
    holding = [one for one in made if snapshot.object is not None and one.comes_from(snapshot.object)]
    return next(filter(None, (loop.innermost(one, use) for one in holding)), None)


def _beside(snapshot: Event, other: Event) -> bool:
    """Whether two states are different entries of a dictionary, so that neither replaces the other."""
    entries = snapshot.options.get(Option.ENTRY), other.options.get(Option.ENTRY)
    return None not in entries and entries[0] != entries[1]


def _is_for_others(loop: EventGraph, snapshot: Event) -> bool:
    """Whether the state of some iterations is kept in an attribute that is not read in its own file."""
    around = [scope for scope in snapshot.loops if not scope.is_call]
    kept = snapshot.options.get(Option.FOR_OTHERS) is True
    return kept and bool(around) and loop.conditional(snapshot, within=around[-1])


def _uses(event: Event, state: AbstractObject) -> bool:
    """Whether a state, or something computed from it, is loaded, saved or passed on. Copies of its tensors made in the
    same loop do not change with it."""

    def copied(one: AbstractObject) -> bool:
        return Fact.CLONED in one.facts and _written(one) == _written(state)

    used = [thing for thing in (*event.subjects, *event.inputs, event.object) if thing is not None]
    return any(one is state for thing in used for one in derivation(thing, through=_operands, until=copied))


def _operands(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    return thing.operands


def _written(thing: AbstractObject) -> list[LoopScope]:
    """The loops around the creation of an object, without comprehensions."""
    return [scope for scope in thing.loops if scope.is_written or scope.is_call]
