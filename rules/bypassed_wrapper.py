"""LOOP309: see `bypassed_wrapper`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, Option, Place
from looplint.events.queries.ownership.wrappers import (
    averaging_wrappers,
    is_made_beside,
    trained_past,
    trained_past_framework,
)
from looplint.rule import ERROR, Fix, Mistake, replace, rule, unsafe


@rule("LOOP309", severity=ERROR, preview=True, needs=[(Kind.PREDICT, Kind.FORWARD), Kind.BACKWARD, Kind.STEP])
def bypassed_wrapper(loop: EventGraph) -> Iterator[Mistake]:
    """Training predicts with the module inside `DistributedDataParallel`: gradients are not averaged.

    What it does
    ------------
    Looks for a prediction with `ddp.module`, or with the module that was wrapped, whose loss is back-propagated and
    used by a step, after `DistributedDataParallel` was made around it; and for one with the `.module` of what
    `fabric.setup` returned, with the strategy "ddp".

    Why is this bad?
    ----------------
    The wrapper prepares the averaging of gradients when it is called itself. Without that every process trains on its
    own data alone: in 4 updates gradients are averaged 0 times, the replicas drift apart, and the checkpoint is that
    of one of them.

    Example
    -------
    ```python
    ddp = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    ddp = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(ddp(inputs), targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Evaluation, losses that also come from the wrapper, and loops that read gradients (they may average them by hand)
    are not reported. Wrappers other than `DistributedDataParallel` and Fabric's are not checked.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
    - https://docs.pytorch.org/docs/stable/notes/ddp.html#internal-design
    - https://lightning.ai/docs/fabric/stable/api/wrappers.html
    """
    notes = ("gradients of this process alone", "every process takes its own step")
    for predict, wrapper, path in trained_past_framework(loop):
        yield Mistake(
            predict,
            f"`{predict.name}` is called directly, bypassing its wrapper: gradients are not averaged",
            path.with_notes(*notes),
            fix=_through(predict, wrapper),
        )
    for wrapper in averaging_wrappers(loop):
        for predict, path in trained_past(loop, wrapper):
            # A part predicts in a method of the module: what bypasses the wrapper is the call of that method.
            whole = predict.is_subject(wrapper.operands[0])
            at = predict if whole or not predict.calls else predict.calls[-1]
            called = predict.name if isinstance(at, Event) else at.text.partition("(")[0]
            yield Mistake(
                at,
                f"`{called}` is called directly, bypassing `DistributedDataParallel`: gradients are not averaged",
                path.with_notes(*notes),
                fix=_through(predict, wrapper) if whole and is_made_beside(loop, wrapper, predict) else None,
            )


def _through(predict: Event, wrapper: AbstractObject) -> Fix | None:
    """Predict with the wrapper, if it has a name."""
    callee = predict.options.get(Option.CALLEE)
    if not isinstance(callee, Place) or not wrapper.name.isidentifier():
        return None
    if callee.text.startswith(f"{wrapper.name}.module."):
        return None  # a method: the wrapper has none
    return unsafe(f"Predict with `{wrapper.name}`", replace(callee, wrapper.name))
