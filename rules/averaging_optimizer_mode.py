"""LOOP810: see `averaging_optimizer_mode`."""

from collections.abc import Iterator

from looplint.events import EventGraph, How, Kind, Trace
from looplint.events.queries.steps.averages import averaging_optimizers, overwritten, uses_of_average
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
    for copied, on in overwritten(loop):
        yield Mistake(
            copied,
            f"`{copied.name}` overwrites the weights that `{on.events[-1].name}` trains with their average",
            on.with_notes("the averaged weights are put into the model", "training goes on with them"),
            help=f"call `{copied.name}.store()` before, and `{copied.name}.restore()` before training goes on",
        )
    for optimizer in averaging_optimizers(loop):
        steps = loop.all(Kind.STEP, about=optimizer)
        averaged = loop.all(Kind.WEIGHTS, about=optimizer, how=How.AVERAGED)
        if path := loop.path(averaged, to=steps, avoiding=Kind.WEIGHTS, about=optimizer):
            yield Mistake(
                path.events[-1],
                f"`{optimizer}` steps in evaluation mode: the model holds the averaged weights",
                path.with_notes("the averaged weights are put into the model", "they are updated"),
                help=f"call `{optimizer}.train()` before training goes on",
            )
        uses = uses_of_average(loop, optimizer)
        paths = (loop.path(steps, to=use, avoiding=Kind.WEIGHTS, about=optimizer) for use in uses)
        if path := next(filter(None, paths), None):
            use = path.events[-1]
            what = "validated" if use.kind is Kind.PREDICT else "saved"
            yield Mistake(
                use,
                f"`{use.name}` is {what} with the weights that `{optimizer}` trains, not with their average",
                Trace(path.events, ("the step leaves the weights that it trains", f"they are {what}")),
                help=f"call `{optimizer}.eval()` before, and `{optimizer}.train()` before training goes on",
            )
