"""LOOP608: see `missing_scaler_update`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option
from looplint.events.queries.steps.scaling import stepped_again, unscaled_again
from looplint.rule import ERROR, Mistake, insert_after, rule, unsafe


@rule("LOOP608", severity=ERROR, yields_to=["unscale-while-accumulating"], needs=[(Kind.STEP, Kind.UNSCALE)])
def missing_scaler_update(loop: EventGraph) -> Iterator[Mistake]:
    """A GradScaler steps or unscales an optimizer again without `update()` in between.

    What it does
    ------------
    Looks for a path from `scaler.step(optimizer)` to the next step of the same optimizer, or from
    `scaler.unscale_(optimizer)` to the next `unscale_`, that never passes `scaler.update()`.

    Why is this bad?
    ----------------
    The scaler keeps its state for each optimizer until `update()`: the second step is a RuntimeError ("step() has
    already been called since the last update()").

    Example
    -------
    ```python
    for inputs, targets in loader:
        ...
        scaler.scale(loss).backward()
        scaler.step(optimizer)
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        ...
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    ```

    Known limits
    ------------
    A function that steps with a scaler passed to it, without computing the gradients itself, is not reported. A scaler
    made with `enabled=False` needs no update.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/amp.html#torch.amp.GradScaler.update
    - https://docs.pytorch.org/docs/stable/notes/amp_examples.html#working-with-multiple-models-losses-and-optimizers
    """
    found: dict[int, Mistake] = {}
    for step in loop.all(Kind.STEP):
        if path := stepped_again(loop, step):
            by = step.options[Option.BY]
            # Several optimizers share one update: it belongs behind the last step.
            found[id(step.object)] = Mistake(
                step,
                f"`{by}` steps `{step.name}` again without an update in between",
                path.with_notes("the first step", "", "the second step fails"),
                fix=unsafe(f"Call `{by}.update()`", insert_after(step, f"{by}.update()")),
            )
    yield from found.values()
    # `unscale_` again for the same optimizer: a RuntimeError, too.
    for unscale, again in unscaled_again(loop):
        yield Mistake(
            again.events[-1],
            f"`{unscale.name}` is unscaled again without an update in between",
            again.with_notes("the gradients are unscaled", "the second `unscale_` fails"),
            help="unscale once for each step, in front of whatever reads the gradients",
        )
