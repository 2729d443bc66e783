"""LOOP608: see `missing_scaler_update`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option
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
        scaler = step.object
        if scaler is None or scaler.options.get("enabled") is False or not _whole(loop, step):
            continue
        kinds = (Kind.SCALER_UPDATE, Kind.REFERENCE, Kind.ESCAPE, Kind.MAKE)
        updated = loop.all(*kinds, about=scaler)
        # In a loop over several optimizers the next iteration steps another one: the loop over batches is outside.
        several = {index for index in step.loops if loop.iterates_over_subject(step, index)}
        scaled = [e for e in loop.all(Kind.BACKWARD) if e.object is scaler and several.isdisjoint(e.loops)]
        path = loop.path(step, to=scaled, avoiding=updated)
        if path and (again := loop.path(path.events[-1], to=step, avoiding=updated)):
            by = step.options[Option.BY]
            # Several optimizers share one update: it belongs behind the last step.
            found[id(scaler)] = Mistake(
                step,
                f"`{by}` steps `{step.name}` again without an update in between",
                (path + again).with_notes("the first step", "", "the second step fails"),
                fix=unsafe(f"Call `{by}.update()`", insert_after(step, f"{by}.update()")),
            )
    yield from found.values()
    yield from _unscaled_twice(loop)


def _unscaled_twice(loop: EventGraph) -> Iterator[Mistake]:
    """`unscale_` again for the same optimizer: a RuntimeError, too."""
    for unscale in loop.all(Kind.UNSCALE):
        scaler = unscale.object
        if scaler is None or scaler.options.get("enabled") is False or len(unscale.subjects) > 1:
            continue
        if any(loop.iterates_over_subject(unscale, scope) for scope in unscale.loops):
            continue
        updated = loop.all(Kind.SCALER_UPDATE, Kind.STEP, Kind.REFERENCE, Kind.ESCAPE, Kind.MAKE)
        updated = [e for e in updated if e.is_subject(scaler) or e.object is scaler or e.kind is Kind.STEP]
        others = [event for event in loop.all(Kind.UNSCALE, about=unscale.subject) if event.object is scaler]
        others.remove(unscale)
        again = loop.path(unscale, to=others, avoiding=updated)
        if again is None and _always(loop, unscale) and any(e.kind is Kind.SCALER_UPDATE for e in updated):
            again = loop.path(unscale, to=unscale, avoiding=updated, doubt=False)
        if again:
            yield Mistake(
                again.events[-1],
                f"`{unscale.name}` is unscaled again without an update in between",
                again.with_notes("the gradients are unscaled", "the second `unscale_` fails"),
                help="unscale once for each step, in front of whatever reads the gradients",
            )


def _always(loop: EventGraph, unscale: Event) -> bool:
    """Whether each iteration unscales: one that does so under a condition may do it where it steps."""
    return bool(unscale.loops) and not loop.conditional(unscale, within=unscale.loops[-1])


def _whole(loop: EventGraph, step: Event) -> bool:
    """Whether the whole iteration is known: the scaler's backward is in it."""
    return any(event.object is step.object and loop.common(event, step) for event in loop.all(Kind.BACKWARD))
