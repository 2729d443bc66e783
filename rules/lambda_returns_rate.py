"""LOOP614: see `lambda_returns_rate`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP614", severity=ERROR, needs=[Kind.MAKE])
def lambda_returns_rate(loop: EventGraph) -> Iterator[Mistake]:
    """The function of `LambdaLR` returns the learning rate instead of a factor for it.

    What it does
    ------------
    Looks for `LambdaLR` whose function multiplies by the initial rate of the optimizer.

    Why is this bad?
    ----------------
    `LambdaLR` multiplies the optimizer's rate by what its function returns. A function that returns the rate itself
    squares it: with a rate of 0.1 the training begins at 0.01, with 0.001 at 0.000001. Both losses still fall, slowly,
    and no error is raised.

    Example
    -------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=base_lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: base_lr * 0.95**epoch)
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        scheduler.step()
    ```

    Use instead
    -----------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=base_lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.95**epoch)
    for epoch in range(epochs):
        train_one_epoch(model, loader)
        scheduler.step()
    ```

    Known limits
    ------------
    The rate has to be spelled alike in both places. With an initial rate of 1 the function may return the rate: this is
    not reported, and neither is a function that divides by the rate.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
    """
    for make in loop.all(Kind.MAKE):
        if Fact.GIVES_RATE in make.subject.facts:
            optimizers = [e for e in loop.all(Kind.MAKE) if make.subject.comes_from(e.subject) and e is not make]
            path = loop.path(optimizers, to=make)
            yield Mistake(
                make,
                f"the function of `{make.subject}` multiplies by the rate, and `LambdaLR` does so again",
                path and path.with_notes("the rate is set here", "the function returns it again"),
                help="return the factor alone",
            )
