"""LOOP805: see `best_value_forgotten`."""

from collections.abc import Iterator

from looplint.events import EventGraph, How, Kind
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP805", severity=ERROR, preview=True, needs=[Kind.RECORD])
def best_value_forgotten(loop: EventGraph) -> Iterator[Mistake]:
    """The best value so far is reset in the loop that compares with it.

    What it does
    ------------
    Looks for a value that is compared with the best one so far and replaces it, where the best one is set to a constant
    in the same iteration of the same loop, before the comparison.

    Why is this bad?
    ----------------
    Nothing is remembered from one epoch to the next: every epoch is the best one, and the checkpoint of the best model
    is overwritten by that of the last (a loss of 0.8 kept, where 0.5 was the best). No error is raised.

    Example
    -------
    ```python
    for epoch in range(epochs):
        best_loss = float("inf")
        train_one_epoch(model, loader)
        val_loss = validate(model, val_loader)
        if val_loss < best_loss:
            best_loss = val_loss
            torch.save(model.state_dict(), path)
    ```

    Use instead
    -----------
    ```python
    best_loss = float("inf")
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        val_loss = validate(model, val_loader)
        if val_loss < best_loss:
            best_loss = val_loss
            torch.save(model.state_dict(), path)
    ```

    Known limits
    ------------
    The best value is recognised by its name (`best`, `min`, `max`). One that is set in an outer loop and compared in an
    inner one is the best of that inner loop, and is not reported; neither is one that is compared more than once in an
    iteration.

    References
    ----------
    - https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
    """
    for better in loop.all(Kind.RECORD):
        inner = better.written_loop
        if better.how != How.BETTER or inner is None or inner != better.loops[-1]:
            continue
        records = loop.in_iteration(inner, Kind.RECORD, about=better.subject)
        begins = [e for e in records if e.how == How.BEGINS and e.loops == better.loops]
        trains = loop.in_iteration(inner, Kind.STEP, Kind.BACKWARD, Kind.SAVE, Kind.SNAPSHOT, Kind.PREDICT)
        once = sum(event.how == How.BETTER for event in records) == 1
        if not begins or not once or not trains or not loop.dominates(begins, before=better, within=inner):
            continue
        steps = loop.in_iteration(inner, Kind.STEP, Kind.BACKWARD)
        if steps and loop.path(steps, to=better, within=inner) is None:
            continue  # the iteration that compares trains nothing: it is a run of its own
        if path := loop.path(begins, to=better, within=inner):
            yield Mistake(
                begins[0],
                f"`{better.name}` is reset in each iteration of the loop: every value is the best one",
                path.with_notes("the best value so far is forgotten", "any value is better than this"),
                help="set it before the loop",
            )
