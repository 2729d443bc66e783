"""LOOP204: see `missing_call_parentheses`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.rule import ERROR, Mistake, replace, rule, safe


@rule("LOOP204", severity=ERROR, needs=[Kind.REFERENCE])
def missing_call_parentheses(loop: EventGraph) -> Iterator[Mistake]:
    """A method that does a step of the loop is named but not called.

    What it does
    ------------
    Looks for statements such as `optimizer.step`, `optimizer.zero_grad`, `loss.backward`, `model.eval` and
    `model.train` without `()`.

    Why is this bad?
    ----------------
    Such a statement looks the method up and discards it. Nothing happens, without a warning: without the call of `step`
    or `backward` the parameters change by 0.0, without that of `zero_grad` the gradients add up, without that of `eval`
    dropout and batch normalisation stay in training mode.

    Example
    -------
    ```python
    loss.backward()
    optimizer.step
    ```

    Use instead
    -----------
    ```python
    loss.backward()
    optimizer.step()
    ```

    Known limits
    ------------
    A method that is assigned, passed on or compared is not reported, nor are methods of objects that are not known to
    belong to a training loop.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#taking-an-optimization-step
    - https://docs.python.org/3/reference/simple_stmts.html#expression-statements
    """
    for reference in loop.all(Kind.REFERENCE):
        if reference.statement != reference.place:
            continue
        call = f"{reference.name}.{reference.how}()"
        yield Mistake(
            reference,
            f"`{reference.name}.{reference.how}` is not called: the statement does nothing",
            fix=safe(f"Call `{call}`", replace(reference, call)),
        )
