"""LOOP702: see `outputs_kept_with_graph`."""

from collections.abc import Iterator, Sequence

from looplint.events import AbstractObject, EventGraph, Fact, Kind, Option, Place, Type
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


@rule("LOOP702", severity=WARNING, needs=[Kind.KEEP, Kind.BACKWARD])
def outputs_kept_with_graph(loop: EventGraph) -> Iterator[Mistake]:
    """Predictions are stored over the iterations with their autograd graph still attached.

    What it does
    ------------
    Looks for a model's output, or something computed from it, that is appended to or stored in something created before
    the iteration, while it still holds its graph, and that is not back-propagated later. (For losses, see
    `loss-accumulated-with-graph`.)

    Why is this bad?
    ----------------
    Each stored output keeps the graph of its batch alive: the number of autograd nodes grew by the same amount in
    each iteration. Where there was no `backward()`, the graph also holds every activation.

    Example
    -------
    ```python
    for inputs, targets in loader:
        outputs = model(inputs)
        ...
        predictions.append(outputs)
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        outputs = model(inputs)
        ...
        predictions.append(outputs.detach())
    ```

    Known limits
    ------------
    Outputs that are stacked and back-propagated later, here or by an unknown caller, are not reported, nor are states
    that replace the previous ones. Only loops that also back-propagate are checked; for validation, see
    `missing-no-grad`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/faq.html#my-model-reports-cuda-runtime-error-2-out-of-memory
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
    """
    predictions = loop.all(Kind.PREDICT, Kind.FORWARD)
    for keep, kept in loop.kept_with_graph():
        # What is kept while a batch is gathered is carried into the next update.
        carried = keep.loops[len(keep.subject.loops) :]
        if not any(loop.in_iteration(scope, Kind.BACKWARD) for scope in carried):
            continue
        if Fact.LOGITS not in kept.facts and _beside_a_loss(kept, loop.losses()):
            continue
        loss = keep.how == "+=" or Fact.GRADED in kept.facts or loop.all(Kind.BACKWARD, about=kept)
        if (
            not loss
            and Fact.BACKPROPAGATED not in keep.subject.facts
            and any(predict.leads_to(kept) for predict in predictions)
            # What is called is a network: an average of its weights takes them.
            and not any(predict.subject in keep.inputs for predict in predictions)
            and not keep.options[Option.TAKEN]
        ):
            value, fix = keep.options.get(Option.VALUE), None
            if isinstance(value, Place) and value.text:
                fix = unsafe("Detach it", replace(value, f"{value.text}.detach()"))
            yield Mistake(
                keep,
                f"`{keep.name}` keeps the autograd graph of `{kept}` from every iteration",
                help=f"keep its values: `{kept}.detach()`",
                fix=fix,
            )


def _beside_a_loss(kept: AbstractObject, losses: Sequence[AbstractObject]) -> bool:
    """Whether a value is a part of an output of unknown code, beside its losses: it may be a number to log."""
    whole = _whole(kept)
    if whole is None or any(Fact.ALL_RECORDED in one.facts for one in whole.operands[:1]):
        return False
    sums = [loss for loss in losses if Fact.GRADED not in loss.facts]
    return any(whole in loss.operands[:1] for loss in losses) or any(
        _whole(part) is whole for loss in sums for part in loss.ancestry()
    )


def _whole(part: AbstractObject) -> AbstractObject | None:
    """The output that a value is an attribute or an item of, not computed from."""
    whole = next(iter(part.operands), None)
    if whole is None or whole.type is Type.MODULE or whole.external or part.constructor not in ("", whole.constructor):
        return None
    if whole.constructor.startswith("torch.") and whole.constructor.rpartition(".")[2].islower():
        return None  # the tensor that a function gives: what is taken of it has its graph
    return whole
