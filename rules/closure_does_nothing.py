"""LOOP618: see `closure_does_nothing`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP618", severity=ERROR, preview=True, needs=[Kind.STEP])
def closure_does_nothing(loop: EventGraph) -> Iterator[Mistake]:
    """The closure passed to LBFGS neither predicts nor back-propagates.

    What it does
    ------------
    Looks for `step(closure)` of `torch.optim.LBFGS` where the closure calls nothing that could compute the loss again:
    it returns one that was computed before.

    Why is this bad?
    ----------------
    LBFGS calls the closure several times in a step, each time with other parameters, to learn how the loss changes. A
    closure that returns the same loss and leaves the same gradients tells it that nothing changes: it takes one step
    along the gradient, or continues in the wrong direction, and its line search measures nothing. No error is raised.

    Example
    -------
    ```python
    optimizer = torch.optim.LBFGS(model.parameters())
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step(lambda: loss)
    ```

    Use instead
    -----------
    ```python
    optimizer = torch.optim.LBFGS(model.parameters())
    for inputs, targets in loader:

        def closure():
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            return loss

        optimizer.step(closure)
    ```

    Known limits
    ------------
    Other optimizers call the closure once and then use the gradients that are there: for them such a closure does no
    harm. A closure that calls any other function is not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#optimizer-step-closure
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
    """
    for step in loop.all(Kind.STEP):
        if step.options.get(Option.IDLE_CLOSURE) and Fact.REPEATS_CLOSURE in step.subject.facts:
            before = loop.all(Kind.BACKWARD, concerning=step.subject)
            path = loop.path(before, to=step)
            yield Mistake(
                step,
                "the closure computes nothing: each time it is called, `LBFGS` gets the same loss and gradients",
                path and path.with_notes("the gradients are computed once, before", "the closure returns the old loss"),
                help="clear, predict and back-propagate in the closure",
            )
