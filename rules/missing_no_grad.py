"""LOOP802: see `missing_no_grad`."""

from collections.abc import Iterator, Sequence

from looplint.events import Context, Event, EventGraph, Fact, Graph, How, Kind, LoopScope, Option, Place
from looplint.events.evaluation import evaluating_loop
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
        if scope is None or scope in reported or not any(output.graph is Graph.YES for output in predict.outputs):
            continue
        # A frozen network records nothing; one that is trained nevertheless has a new head.
        if Fact.FROZEN in module.facts and not any(e.is_subject(module) for e in differentiated):
            continue
        if (
            loop.inside(predict, Context.NO_GRAD, Context.INFERENCE_MODE, Context.SET_GRAD_ENABLED, Context.FORWARD)
            or predict in differentiated
            # Evaluation that adapts the network first differentiates its other predictions.
            or any(scope in event.loops and event.is_subject(module) for event in differentiated)
            or _differentiates_inside(loop, predict)
            or any(Option.BY_UNKNOWN_CODE in e.options for e in loop.all(Kind.ASSIGN, about=module))
            or _asks_for_gradients(loop, predict)
        ):
            continue
        # The switch that the mode comes from is the last one.
        evals = loop.all(Kind.EVAL, about=module)
        if path := loop.path(predict.nearest(evals), to=predict, avoiding=(Kind.TRAIN, Kind.EVAL), about=module):
            reported.add(scope)
            at = _own_call(scope, predict, [*differentiated, *_in_training_loops(loop)])
            inside = scope.place.encloses(at if isinstance(at, Place) else at.place)
            helps = inside and not loop.inside(predict, Context.ENABLE_GRAD)
            helps = helps and not _needs_gradients(loop, scope, differentiated)
            # Another call of the same code trains.
            helps = helps and not any(scope.place.encloses(event.place) for event in loop.all(Kind.BACKWARD))
            yield Mistake(
                at,
                f"autograd records the predictions of `{predict.name}`, but nothing is back-propagated",
                path.with_notes("evaluation begins", "a graph is recorded for every batch"),
                help="predict under `with torch.no_grad():`",
                fix=unsafe("Turn gradients off in the loop", wrap(scope.place, "torch.no_grad()")) if helps else None,
            )


def _differentiates_inside(loop: EventGraph, predict: Event) -> bool:
    """Whether the network differentiates in its own `forward`, as one does that adapts to a few samples."""
    reads = loop.all(Kind.READ, how=How.GRADIENT)
    return any(predict.place in event.calls for event in (*reads, *loop.all(Kind.BACKWARD)))


def _asks_for_gradients(loop: EventGraph, predict: Event) -> bool:
    """Whether an input was set to require gradients, to differentiate the prediction with respect to it."""
    made_of = {id(one): one for given in predict.inputs for one in given.ancestry()}
    if any(Fact.LEAF in one.facts for one in made_of.values()):
        return True
    set_so = loop.gradient_switches()
    return any(id(one) in made_of for e in set_so if e.options.get(Option.VALUE) is not False for one in e.subjects)


def _in_training_loops(loop: EventGraph) -> list[Event]:
    """The predictions of loops that back-propagate a loss, though unknown code may have computed it."""
    predictions = [event for event in loop.all(Kind.PREDICT, Kind.FORWARD) if event.loops]
    return [event for event in predictions if loop.in_iteration(event.loops[-1], Kind.BACKWARD)]


def _own_call(scope: LoopScope, predict: Event, trained: Sequence[Event]) -> Event | Place:
    """The prediction, or the call in the body of the loop that leads to it: two functions that validate with the same
    code are two places. If training predicts with the same code, the innermost call site that only validation uses."""
    same = [other for other in trained if other.place == predict.place]
    own = [site for site in predict.calls if not any(site in other.calls for other in same)]
    written = next((site for site in own if scope.place.encloses(site)), None)
    return written or (own[-1] if same and own else predict)


def _needs_gradients(loop: EventGraph, scope: LoopScope, differentiated: Sequence[Event]) -> bool:
    """Whether the loop differentiates something else, or may: unknown code has processed an input with the network, as
    attacks do."""
    if any(scope in event.loops for event in differentiated):
        return True
    predictions = loop.in_iteration(scope, Kind.PREDICT, Kind.FORWARD)
    return any(
        Fact.UNKNOWN_RESULT in made.facts and made.comes_from(predict.subject)
        for predict in predictions
        for given in predict.inputs
        for made in given.ancestry()
    )
