"""LOOP506: see `retained_graph`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, How, Kind
from looplint.events.queries.gradients.autograd import is_recomputed, share_graph
from looplint.rule import WARNING, Fix, Mistake, replace, rule, unsafe


@rule("LOOP506", severity=WARNING, preview=True, needs=[Kind.BACKWARD])
def retained_graph(loop: EventGraph) -> Iterator[Mistake]:
    """`backward(retain_graph=True)` keeps a graph that is never used again.

    What it does
    ------------
    Looks for a `backward(retain_graph=True)` in a loop whose predictions are all computed in the same iteration, from
    the batch alone, while no later `backward()` of the iteration uses their graphs.

    Why is this bad?
    ----------------
    `backward()` frees the saved tensors of the forward pass before the next batch. Retained, they stay until the loss
    is rebound, after the next forward pass: at its peak two batches are in memory. The argument usually silences an
    error whose cause is elsewhere (a state that was not detached).

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward(retain_graph=True)
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Loops with `torch.autograd.grad`, or in which `.grad` is read, are not reported, nor is a loss with a contribution
    that may come from outside the iteration.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors
    """
    predictions = loop.all(Kind.PREDICT, Kind.FORWARD)
    for backward in loop.all(Kind.BACKWARD):
        scope = backward.written_loop
        if backward.options.get("retain_graph") is not True or scope is None or "create_graph" in backward.options:
            continue
        if loop.in_iteration(scope, Kind.READ, how=How.GRADIENT):
            continue
        batch = list(scope.over.ancestry()) if scope.over is not None else []
        beside = [*batch, *(predict.subject for predict in predictions)]
        others = [
            e for e in loop.in_iteration(scope, Kind.BACKWARD) if e is not backward and share_graph(backward, e, beside)
        ]
        if loop.path(backward, to=others, within=scope):
            continue
        led = [predict for predict in predictions if predict.leads_to(*backward.subjects)]
        if not led or any(scope not in predict.loops for predict in led):
            continue
        # If a value depends on the path, there is one backward event for each alternative.
        losses = [loss for e in loop.all(Kind.BACKWARD) if e.place == backward.place for loss in e.subjects]
        inside = [predict for predict in predictions if scope in predict.loops]
        if all(is_recomputed(loss, inside, batch, scope) for loss in losses):
            yield Mistake(
                backward,
                f"the graph of `{backward.name}` is retained, but never used again",
                help="leave out `retain_graph=True`",
                fix=_release(backward),
            )


def _release(backward: Event) -> Fix | None:
    call, argument = backward.place.text, "(retain_graph=True)"
    if not call.endswith(argument):
        return None
    return unsafe("Free the graph", replace(backward, f"{call.removesuffix(argument)}()"))
