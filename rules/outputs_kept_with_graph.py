"""LOOP702: see `outputs_kept_with_graph`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option, Place
from looplint.events.queries.gradients.kept_graphs import is_for_a_network, is_freed, is_loss
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
    for keep, kept in loop.kept_with_graph():
        if (
            not is_loss(loop, keep, kept)
            and Fact.BACKPROPAGATED not in keep.subject.facts
            and not is_for_a_network(loop, keep)
            and not keep.options[Option.TAKEN]
            and is_freed(loop, keep, kept)
        ):
            value, fix, named = keep.options.get(Option.VALUE), None, Fact.NAMED_PARTS in kept.facts
            if isinstance(value, Place) and value.text and not named:
                fix = unsafe("Detach it", replace(value, f"{value.text}.detach()"))
            yield Mistake(
                keep,
                f"`{keep.name}` keeps the autograd graph of `{kept}` from every iteration",
                help="detach the tensors in it" if named else f"keep its values: `{kept}.detach()`",
                fix=fix,
            )
