"""LOOP802: see `missing_no_grad`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, Place
from looplint.events.queries.gradients.recorded_evaluation import evaluating_call, is_recorded, needs_no_graph
from looplint.events.queries.modes.evaluation import evaluating_loop
from looplint.rule import WARNING, Mistake, rule, unsafe, wrap


@rule(
    "LOOP802", severity=WARNING, yields_to=["no-grad-without-effect"], needs=[Kind.EVAL, (Kind.PREDICT, Kind.FORWARD)]
)
def missing_no_grad(loop: EventGraph) -> Iterator[Mistake]:
    """Validation runs with autograd recording, though nothing is back-propagated.

    What it does
    ------------
    Looks for a prediction in evaluation mode, in a loop over a loader or over parts of the rows, without any
    `backward()`, outside of `torch.no_grad()` and `torch.inference_mode()`.

    Why is this bad?
    ----------------
    Every prediction saves what a backward would need, for a backward that never comes: 1.7 kB for a batch of 8 in a
    tiny network, 0 under `no_grad`. Where a result is kept with its graph, the graphs of all batches stay alive:
    validation runs out of memory with batches that training can handle. It is slower, too.

    Example
    -------
    ```python
    model.eval()
    for inputs, targets in val_loader:
        total += criterion(model(inputs), targets).item()
    ```

    Use instead
    -----------
    ```python
    model.eval()
    with torch.no_grad():
        for inputs, targets in val_loader:
            total += criterion(model(inputs), targets).item()
    ```

    Known limits
    ------------
    Evaluation that needs gradients (attacks, attribution, `torch.autograd.grad`, also in `forward`) is not reported.
    Validation without `eval()` is reported as that (LOOP801); whether unknown callers turn gradients off is not known.
    `volatile=True` has had no effect since PyTorch 0.4: such validation is reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation
    """
    differentiated, reported = loop.differentiated(), set()
    for predict in loop.all(Kind.PREDICT, Kind.FORWARD):
        module, scope = predict.subject, evaluating_loop(loop, predict)
        if scope is None or scope in reported or not is_recorded(loop, predict, scope, differentiated):
            continue
        # The switch that the mode comes from is the last one.
        evals = predict.nearest(loop.all(Kind.EVAL, about=module))
        if path := loop.path(evals, to=predict, avoiding=(Kind.TRAIN, Kind.EVAL), about=module):
            reported.add(scope)
            at = evaluating_call(loop, predict, scope, differentiated)
            place = at if isinstance(at, Place) else at.place
            helps = needs_no_graph(loop, predict, scope, place, differentiated)
            yield Mistake(
                at,
                f"autograd records the predictions of `{predict.name}`, but nothing is back-propagated",
                path.with_notes("evaluation begins", "a graph is recorded for every batch"),
                help="predict under `with torch.no_grad():`",
                fix=unsafe("Turn gradients off in the loop", wrap(scope.place, "torch.no_grad()")) if helps else None,
            )
