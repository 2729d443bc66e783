"""LOOP628: see `rate_set_as_attribute`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Option, Type
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP628", severity=ERROR, preview=True, needs=[Kind.ASSIGN])
def rate_set_as_attribute(loop: EventGraph) -> Iterator[Mistake]:
    """The learning rate is set as an attribute of the optimizer, where nothing reads it.

    What it does
    ------------
    Looks for `optimizer.lr = ...` and `optimizer.learning_rate = ...` on an optimizer of `torch.optim`.

    Why is this bad?
    ----------------
    In Keras and others this sets the rate. In PyTorch the rate is an entry of each group of parameters, and the
    assignment makes a new attribute: no error, and all of the training has the first rate.

    Example
    -------
    ```python
    for epoch in range(epochs):
        optimizer.lr = 0.1 * 0.95**epoch
        train_one_epoch(model, loader, optimizer)
    ```

    Use instead
    -----------
    ```python
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * 0.95**epoch
        train_one_epoch(model, loader, optimizer)
    ```

    Known limits
    ------------
    Optimizers of other packages and classes of one's own are not reported, nor an attribute that the file reads again:
    it may be a note of the rate. `optimizer.defaults["lr"] = ...` has no effect either, and is not looked for.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#per-parameter-options
    """
    for assign in loop.all(Kind.ASSIGN):
        if assign.subject.type is not Type.OPTIMIZER or assign.options.get(Option.MEANT) != "lr":
            continue
        yield Mistake(
            assign,
            f"`{assign.name}.{assign.how}` has no effect: the rate is kept in `{assign.name}.param_groups`",
            help=f'set it in each group: `for group in {assign.name}.param_groups: group["lr"] = ...`',
        )
