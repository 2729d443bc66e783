"""LOOP702: see `outputs_kept_with_graph`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Graph, Kind, Option, Place, Type, derivation
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


@rule("LOOP702", severity=WARNING, needs=[Kind.KEEP, Kind.BACKWARD])
def outputs_kept_with_graph(loop: EventGraph) -> Iterator[Mistake]:
    """Predictions are stored over the iterations with their autograd graph still attached.

    What it does
    ------------
    Looks for a model's output, or something computed from it, that is appended to or stored in something created before
    the loop over the batches, while it still holds its graph, though a loss computed from it is back-propagated in the
    same iteration: nothing can need that graph later. (For losses, see `loss-accumulated-with-graph`.)

    Why is this bad?
    ----------------
    Each stored output keeps the graph of its batch alive: the number of autograd nodes grew by the same amount in
    each iteration, and the memory of a long epoch with it.

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
    Outputs whose own graph no `backward()` of their iteration consumes are not reported: they may be back-propagated
    later, belong to an episode that ends, or have no graph at all. Nor are states that replace the previous ones, what
    is kept for one batch, and parts of what unknown code returned. For validation, see `missing-no-grad`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/faq.html#my-model-reports-cuda-runtime-error-2-out-of-memory
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
    """
    predictions = loop.all(Kind.PREDICT, Kind.FORWARD)
    for keep, kept in loop.kept_with_graph():
        loss = keep.how == "+=" or Fact.GRADED in kept.facts or loop.all(Kind.BACKWARD, about=kept)
        if (
            not loss
            and Fact.BACKPROPAGATED not in keep.subject.facts
            # What is called is a network: an average of its weights takes them.
            and not any(predict.subject in keep.inputs for predict in predictions)
            and not keep.options[Option.TAKEN]
            and _spent(loop, keep, kept)
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


def _spent(loop: EventGraph, keep: Event, kept: AbstractObject) -> bool:
    """Whether each batch back-propagates a loss through the graph that it leaves in the collection: nothing can need it
    later, and the collection grows with the batches, rather than with the parts of one."""
    made = keep.subject.loops
    if made and made[-1].goes_over_data:
        return False
    batch = next((s for s in reversed(keep.loops[len(made) :]) if loop.in_iteration(s, Kind.BACKWARD)), None)
    if batch is None:
        return False
    graphs = {
        id(one) for one in derivation(kept, through=_computed_from) if one.graph is Graph.YES and batch in one.loops
    }
    backwards = [event for event in loop.in_iteration(batch, Kind.BACKWARD) if not event.options.get("retain_graph")]
    return any(id(one) in graphs for event in backwards for loss in event.subjects for one in loss.ancestry())


def _computed_from(value: AbstractObject) -> tuple[AbstractObject, ...]:
    """What a value was computed from by known code, so that it surely holds the same graph. A part of what unknown
    code returned may be a number to log; logits are none."""
    if Fact.UNKNOWN_RESULT in value.facts:
        return ()
    known = Fact.LOGITS in value.facts or any(Fact.ALL_RECORDED in one.facts for one in _callee(value))
    return value.operands if known or not _is_part(value) else ()


def _is_part(value: AbstractObject) -> bool:
    """Whether a value is an attribute or an item of an output, not computed from it."""
    whole = next(iter(value.operands), None)
    if whole is None or whole.type is Type.MODULE or whole.external:
        return False
    if Fact.OF_FUNCTION in whole.facts:
        return False  # what is taken of the result of a function of torch has its graph
    return value.constructor in ("", whole.constructor)


def _callee(part: AbstractObject) -> tuple[AbstractObject, ...]:
    """The module that returned the output that a value is a part of."""
    return part.operands[0].operands[:1] if part.operands else ()
