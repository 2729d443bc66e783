"""LOOP901: see `best_state_aliased`."""

import re
from collections.abc import Iterator

from looplint.events import Event, EventGraph, How, Kind, Trace
from looplint.events.queries.ownership.kept_states import changed_states, is_kept_for_others
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
        for path, used in changed_states(loop, snapshot):
            if used or is_kept_for_others(loop, snapshot):
                yield _mistake(snapshot, path, ["the state used is the last one"] if used else [])
                break


def _mistake(snapshot: Event, path: Trace, notes: list[str]) -> Mistake:
    written = re.search(r"([\w.]+)\.state_dict\(", snapshot.place.text)
    model = written[1] if written else snapshot.name
    copy = (prefix(snapshot, "{name: value.clone() for name, value in "), suffix(snapshot, ".items()}"))
    return Mistake(
        snapshot,
        f"the kept state of `{model}` is not a copy: the next step changes it",
        path.with_notes("the state is kept", "the step changes it", *notes),
        help=f"keep a copy: `copy.deepcopy({model}.state_dict())`",
        fix=None if snapshot.how == How.PACKED else unsafe("Copy the tensors", *copy),
    )
