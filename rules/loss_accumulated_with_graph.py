"""LOOP701: see `loss_accumulated_with_graph`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Kind, Option, Place
from looplint.events.queries.gradients.kept_graphs import (
    holds_several,
    is_for_a_step,
    is_loss,
    is_meant_without_graph,
    is_predicted_each_time,
    is_within_one_call,
    validates,
)
from looplint.rule import WARNING, Fix, Mistake, replace, rule, unsafe


@rule("LOOP701", severity=WARNING, needs=[Kind.KEEP])
def loss_accumulated_with_graph(loop: EventGraph) -> Iterator[Mistake]:
    """A loss is summed or stored over the iterations with its autograd graph still attached.

    What it does
    ------------
    Looks for a loss that is added to, appended to or stored in something created before the iteration, while it still
    holds its graph, and that is not back-propagated later.

    Why is this bad?
    ----------------
    The accumulator keeps the graph of every batch alive: after four batches 46 autograd nodes were alive instead of 15,
    and each further batch adds to them. After `backward()` these are graph nodes, in validation without `no_grad` all
    activations: memory grows until it runs out.

    Example
    -------
    ```python
    total = 0.0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss
    ```

    Use instead
    -----------
    ```python
    total = 0.0
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    ```

    Known limits
    ------------
    A sum that is returned to unknown callers may be back-propagated there: nothing is reported. A loss computed by
    unknown code is known to hold a graph only if it is back-propagated; else nothing is reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/faq.html#my-model-reports-cuda-runtime-error-2-out-of-memory
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
    """
    reported: list[AbstractObject] = []
    for keep, loss in loop.kept_with_graph():
        if is_within_one_call(loop, keep) or Fact.BACKPROPAGATED in keep.subject.facts:
            continue
        if not (Fact.BACKPROPAGATED in loss.facts and is_loss(loop, keep, loss)):
            if Fact.GRADED not in loss.facts or not validates(loop, keep):
                continue
            # A sum for a step without a backward is reported as LOOP501, a `no_grad()` without effect, too (LOOP803).
            if not is_predicted_each_time(loop, keep, loss) or is_for_a_step(loop, keep):
                continue
            if is_meant_without_graph(loop, keep):
                continue
        # Values computed from a reported sum are fixed with it.
        if any(loss.comes_from(total) for total in reported if total is not keep.subject):
            continue
        reported.append(keep.subject)
        kept, fix = _cut(keep, loss)
        yield Mistake(
            keep,
            f"`{keep.name}` keeps the autograd graph of `{loss}` from every iteration",
            fix=fix,
            help=f"keep its value: `{kept}`",
        )


def _cut(keep: Event, loss: AbstractObject) -> tuple[str, Fix | None]:
    """What to keep instead, and the fix. `.item()` would break an operation that expects a tensor, and needs a single
    value."""
    cut = ".detach()" if holds_several(keep, loss) else ".item()"
    value = keep.options.get(Option.VALUE)
    display = isinstance(value, Place) and value.text.startswith(("{", "["))
    if isinstance(value, Place) and not display and Fact.NAMED_PARTS not in loss.facts:
        return value.text + cut, unsafe(f"Keep `{value.text + cut}`", replace(value, value.text + cut))
    return f"{loss}{cut}", None
