"""LOOP308: see `hidden_state_not_detached`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Type
from looplint.events.queries.gradients.autograd import handed_back, parts_with_graph
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP308", severity=ERROR, preview=True, needs=[(Kind.PREDICT, Kind.FORWARD), Kind.BACKWARD])
def hidden_state_not_detached(loop: EventGraph) -> Iterator[Mistake]:
    """A recurrent state is carried into the next batch together with the graph of the previous one.

    What it does
    ------------
    Looks for a prediction whose input is a part of its own output in the previous iteration, not detached, in a loop
    that back-propagates in every iteration.

    Why is this bad?
    ----------------
    The second `backward()` back-propagates through the first batch as well, whose graph is gone and whose weights have
    changed: it ends with a RuntimeError. `retain_graph=True` suppresses that as long as nothing is updated; then every
    step back-propagates through all steps before it, and time and memory grow without bound.

    Example
    -------
    ```python
    state = None
    for inputs, targets in loader:
        outputs, state = model(inputs, state)
        optimizer.zero_grad()
        criterion(outputs, targets).backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    state = None
    for inputs, targets in loader:
        outputs, state = model(inputs, state)
        state = state.detach()
        optimizer.zero_grad()
        criterion(outputs, targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    A state that may have been detached (on one of the paths, by unknown code, in place) is not reported, nor are loops
    that back-propagate once after them or with `create_graph`. States kept inside the module, states that are the
    module's only output, and modules that return their input are missed.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """
    # In place, or by the network from what it is given.
    detached = loop.all(Kind.READ, how=("detach", "detach_"))
    for predict in loop.all(Kind.PREDICT, Kind.FORWARD):
        output = predict.object
        if output is None or not predict.loops or Fact.HANDS_ON in predict.subject.facts:
            continue
        several = output.type is Type.COLLECTION
        parts = tuple(parts_with_graph(output)) if several else (output,)
        # A module with a single output need not be recurrent.
        carried = handed_back([given for given in predict.inputs if several or given is not output], parts)
        if carried is None or any(e.comes_from(part) for e in detached for part in parts):
            continue
        for backward in loop.all(Kind.BACKWARD):
            if backward.loops != predict.loops or "create_graph" in backward.options:
                continue
            if any(map(backward.comes_from, parts)) and (path := loop.path(backward, to=predict)):
                yield Mistake(
                    predict,
                    f"`{carried}` is carried into the next batch with the graph of this one",
                    path.with_notes("back-propagates through the graph", "the next prediction extends the same graph"),
                    help=f"detach `{carried}` after each batch",
                )
                break
