"""LOOP810: see `averaging_optimizer_mode`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, How, Kind, Trace, Type
from looplint.events.modes import evaluated
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP810", severity=WARNING, preview=True, needs=[Kind.STEP])
def averaging_optimizer_mode(loop: EventGraph) -> Iterator[Mistake]:
    """A schedule-free optimizer holds two sets of weights, and the wrong one is in the model.

    What it does
    ------------
    Looks for an optimizer that trains one set of weights and keeps their average as another, where the model is
    validated after a step without `optimizer.eval()`, or a step follows `optimizer.eval()` without `optimizer.train()`.
    Also for an average of torch-ema or Diffusers that `copy_to` puts over the weights, where training goes on without
    `restore`.

    Why is this bad?
    ----------------
    Only the average is the result of the training; between the steps the model holds other weights. What is validated
    is then not what `optimizer.eval()` would give (largest difference 0.05 after 20 steps), so that curves and the
    choice of the best epoch are about another model. Steps in evaluation mode update the average as if it were what was
    differentiated: schedulefree raises an error, heavyball and pytorch-optimizer do not.

    Example
    -------
    ```python
    import schedulefree

    optimizer = schedulefree.AdamWScheduleFree(model.parameters())
    optimizer.train()
    for epoch in range(epochs):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            print(sum(criterion(model(inputs), targets).item() for inputs, targets in val_loader))
    ```

    Use instead
    -----------
    ```python
    import schedulefree

    optimizer = schedulefree.AdamWScheduleFree(model.parameters())
    for epoch in range(epochs):
        model.train()
        optimizer.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        model.eval()
        optimizer.eval()
        with torch.no_grad():
            print(sum(criterion(model(inputs), targets).item() for inputs, targets in val_loader))
    ```

    Known limits
    ------------
    A validation is recognised by `model.eval()`: predictions in training mode may renew the statistics of batch
    normalisation. A `state_dict` that is kept together with that of the optimizer is left alone. The variants with a
    closure have no modes.

    References
    ----------
    - https://github.com/facebookresearch/schedule_free#how-to-use
    - https://arxiv.org/abs/2405.15682
    """
    yield from _overwritten(loop)
    for optimizer in dict.fromkeys(e.subject for e in loop.all(Kind.STEP) if Fact.AVERAGES in e.subject.facts):
        steps = loop.all(Kind.STEP, about=optimizer)
        averaged = loop.all(Kind.WEIGHTS, about=optimizer, how=How.AVERAGED)
        if path := loop.path(averaged, to=steps, avoiding=Kind.WEIGHTS, about=optimizer):
            yield Mistake(
                path.events[-1],
                f"`{optimizer}` steps in evaluation mode: the model holds the averaged weights",
                path.with_notes("the averaged weights are put into the model", "they are updated"),
                help=f"call `{optimizer}.train()` before training goes on",
            )
        for use in _uses(loop, optimizer):
            if path := loop.path(steps, to=use, avoiding=Kind.WEIGHTS, about=optimizer):
                what = "validated" if use.kind is Kind.PREDICT else "saved"
                yield Mistake(
                    use,
                    f"`{use.name}` is {what} with the weights that `{optimizer}` trains, not with their average",
                    Trace(path.events, ("the step leaves the weights that it trains", f"they are {what}")),
                    help=f"call `{optimizer}.eval()` before, and `{optimizer}.train()` before training goes on",
                )
                break


def _overwritten(loop: EventGraph) -> Iterator[Mistake]:
    """Averages beside an optimizer that are copied over the weights that it trains, and stay there."""
    restored = {event.subject for event in loop.all(Kind.WEIGHTS) if event.how == How.UNAVERAGED}
    for copied in loop.all(Kind.WEIGHTS):
        if copied.how != How.AVERAGED or copied.subject.type is Type.OPTIMIZER or copied.subject in restored:
            continue
        averaged = [source for source in copied.subject.operands if source.type is not Type.NUMBER]
        steps = [e for e in loop.all(Kind.STEP) if any(e.subject.related(source) for source in averaged)]
        if path := loop.path(copied, to=steps, avoiding=Kind.WEIGHTS, about=copied.subject):
            yield Mistake(
                copied,
                f"`{copied.name}` overwrites the weights that `{path.events[-1].name}` trains with their average",
                path.with_notes("the averaged weights are put into the model", "training goes on with them"),
                help=f"call `{copied.name}.store()` before, and `{copied.name}.restore()` before training goes on",
            )


def _uses(loop: EventGraph, optimizer: AbstractObject) -> list[Event]:
    """The predictions of its model in evaluation mode, and the states of it that are saved by themselves."""
    found = []
    trained = loop.differentiated()
    for predict in loop.all(Kind.PREDICT):
        if predict in trained or not predict.loops or loop.inside(predict, Context.FORWARD):
            continue
        if optimizer.comes_from(predict.subject) and evaluated(loop, predict):
            found.append(predict)
    for save in loop.all(Kind.SAVE):
        saved = [part for one in save.subjects for part in _parts(one)]
        states = [one for one in saved if Fact.STATE in one.facts and one.operands]
        # Kept beside the state of the optimizer, it is for going on.
        alone = not any(one is optimizer or one.comes_from(optimizer) for one in saved)
        if states and alone and all(optimizer.comes_from(one.operands[0]) for one in states):
            found.append(save)
    return found


def _parts(saved: AbstractObject) -> tuple[AbstractObject, ...]:
    """The entries of a dictionary that is saved."""
    return saved.operands if saved.type is Type.COLLECTION and saved.operands else (saved,)
