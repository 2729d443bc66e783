"""LOOP803: see `no_grad_without_effect`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind
from looplint.rule import WARNING, Mistake, rule, unsafe, wrap_rest


@rule("LOOP803", severity=WARNING, needs=[Kind.DISCARD])
def no_grad_without_effect(loop: EventGraph) -> Iterator[Mistake]:
    """`torch.no_grad()` as a statement has no effect.

    What it does
    ------------
    Looks for `torch.no_grad()`, `torch.inference_mode()` and other context managers of torch that are constructed as a
    statement and discarded.

    Why is this bad?
    ----------------
    A context manager takes effect in a `with` statement. As a bare statement it is constructed and discarded, and
    autograd keeps recording: 1.7 kB are saved for a batch of 8 in a tiny network, where it should be 0.

    Example
    -------
    ```python
    torch.no_grad()
    for inputs, targets in val_loader:
        outputs = model(inputs)
    ```

    Use instead
    -----------
    ```python
    with torch.no_grad():
        for inputs, targets in val_loader:
            outputs = model(inputs)
    ```

    Known limits
    ------------
    `torch.set_grad_enabled(False)` as a statement does take effect, and `@torch.no_grad` without parentheses works:
    both are not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    - https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.set_grad_enabled.html
    """
    for discard in loop.all(Kind.DISCARD):
        if Fact.CONTEXT in discard.subject.facts:
            yield Mistake(
                discard,
                f"`{discard.place.text}` as a statement has no effect: it takes effect only in a `with`",
                help=f"write `with {discard.place.text}:` around the code it is meant for",
                fix=unsafe("Use it in a `with`", wrap_rest(discard, discard.place.text)),
            )
