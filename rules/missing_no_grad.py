"""LOOP802: see `missing_no_grad`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Graph, Kind
from looplint.rule import WARNING, Mistake, rule, unsafe, wrap


@rule("LOOP802", severity=WARNING, yields_to=["no-grad-without-effect"])
def missing_no_grad(loop: EventGraph) -> Iterator[Mistake]:
    """Validation runs with autograd recording, though nothing is back-propagated.

    What it does
    ------------
    Looks for a prediction in evaluation mode, in a loop over a loader without any `backward()`, outside of
    `torch.no_grad()` and `torch.inference_mode()`.

    Why is this bad?
    ----------------
    Every prediction saves what a backward would need, for a backward that never comes: 1.7 kB for a batch of 8 in a
    tiny network, 0 under `no_grad`. Where a result is kept with its graph, that of every batch stays alive: validation
    runs out of memory with batches that training can handle. It is slower, too.

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
    Evaluation that needs gradients (attacks, attribution, `torch.autograd.grad`) is left alone. Validation without
    `eval()` is reported as that (LOOP801); what callers that are not seen have switched off is not known.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation
    """
    differentiated, reported = loop.differentiated(), set()
    for predict in loop.all(Kind.PREDICT, Kind.FORWARD):
        module, outputs = predict.subject, predict.outputs
        batches = [scope for scope in predict.loops if scope.goes_over_data]
        # A loop over networks is none over batches, one that is left after its first batch records one graph.
        batches = [i for i in batches if not loop.iterates_over_subject(predict, i) and loop.repeats(i)]
        scope = next((i for i in batches if not loop.in_iteration(i, Kind.BACKWARD, Kind.STEP)), None)
        if scope is None or (scope, id(module)) in reported or not any(o.graph is Graph.YES for o in outputs):
            continue
        if (
            loop.inside(predict, Context.NO_GRAD, Context.INFERENCE_MODE, Context.SET_GRAD_ENABLED)
            or predict in differentiated
        ):
            continue
        if way := loop.path(loop.all(Kind.EVAL, about=module), to=predict, avoiding=Kind.TRAIN, about=module):
            reported.add((scope, id(module)))
            place = scope.place
            helps = scope.function == predict.function and not loop.inside(predict, Context.ENABLE_GRAD)
            yield Mistake(
                predict,
                f"autograd records what `{predict.name}` predicts, and nothing is back-propagated",
                way.with_notes("evaluation begins", "a graph is recorded for every batch"),
                help="put the loop into `with torch.no_grad():`",
                fix=unsafe("Record nothing in the loop", wrap(place, "torch.no_grad()")) if helps else None,
            )
