"""LOOP103: see `discarded_to_result`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, Option
from looplint.rule import ERROR, Mistake, prefix, rule, safe


@rule("LOOP103", severity=ERROR, needs=[Kind.DISCARD])
def discarded_to_result(loop: EventGraph) -> Iterator[Mistake]:
    """A tensor is moved or converted by `to`, and the result is discarded: the tensor stays as it was.

    What it does
    ------------
    Looks for `tensor.to(...)`, `.cuda()`, `.cpu()`, `.float()` and their like as statements, where the tensor is used
    afterwards.

    Why is this bad?
    ----------------
    A module moves itself and everything in it; a tensor is never changed: `to` returns a new tensor. Discarding it
    wastes a copy, and the prediction gets the old one. If the model is on another device or has another type, the next
    prediction raises a RuntimeError; if it is on the CPU, training stays there.

    Example
    -------
    ```python
    loader = torch.utils.data.DataLoader(dataset, batch_size=32)
    for inputs, targets in loader:
        inputs.to(device)
        targets.to(device)
        loss = criterion(model(inputs), targets)
    ```

    Use instead
    -----------
    ```python
    loader = torch.utils.data.DataLoader(dataset, batch_size=32)
    for inputs, targets in loader:
        inputs = inputs.to(device)
        targets = targets.to(device)
        loss = criterion(model(inputs), targets)
    ```

    Known limits
    ------------
    Batches as a whole are not reported: those of some libraries move themselves. Neither are objects that are not known
    to be tensors by the function that returned them, by their loader, or by the loss that they are the target of.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to
    """
    discards = [event for event in loop.all(Kind.DISCARD) if event.options.get(Option.READ_AGAIN)]
    targets = {id(event.inputs[1]) for event in loop.all(Kind.GRADE) if len(event.inputs) > 1}
    inputs = {id(thing) for event in loop.all(Kind.PREDICT) for thing in event.inputs}
    sure = [event for event in discards if event.options.get(Option.TENSOR) or id(event.subject) in targets]
    for discard in discards:
        beside = any(id(discard.subject) in inputs and _of_one_batch(discard, event) for event in sure)
        if discard in sure or beside:
            right = f"{discard.name} = {discard.place.text or '...'}"
            yield Mistake(
                discard,
                f"`{discard.name}.{discard.how}(...)` returns a new tensor, which is discarded",
                # Brackets around the call are part of the statement alone.
                fix=safe(f"Write `{right}`", prefix(discard.statement or discard, f"{discard.name} = ")),
            )


def _of_one_batch(one: Event, other: Event) -> bool:
    """Whether both subjects were taken out of the same batch."""
    return any(part is another for part in _wholes(one.subject) for another in _wholes(other.subject))


def _wholes(part: AbstractObject) -> tuple[AbstractObject, ...]:
    return part.operands if part.owner is None else (part.owner,)
