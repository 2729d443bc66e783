"""LOOP701: see `loss_accumulated_with_graph`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, Kind, Option, Place
from looplint.rule import WARNING, Mistake, replace, rule, unsafe


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
        if _within_one_call(loop, keep):
            continue
        direct = keep.how == "+=" or Fact.GRADED in loss.facts or loop.all(Kind.BACKWARD, about=loss)
        spent = Fact.BACKPROPAGATED in loss.facts and bool(direct)
        validates = loop.complete or any(e.function == keep.function for e in loop.all(Kind.EVAL))
        if Fact.BACKPROPAGATED in keep.subject.facts or not (spent or (Fact.GRADED in loss.facts and validates)):
            continue
        # The terms of a sum over the parts of one prediction share one graph.
        if not spent and not _predicted_each_time(loop, keep, loss):
            continue
        # A sum for a step without a backward is reported as LOOP501, a `no_grad()` without effect, too (LOOP803).
        if not spent and (_is_for_a_step(loop, keep) or _meant_without_graph(loop, keep)):
            continue
        # Values computed from a reported sum are fixed with it.
        if any(loss.comes_from(total) for total in reported if total is not keep.subject):
            continue
        reported.append(keep.subject)
        value = keep.options.get(Option.VALUE)
        # `.item()` would break an operation that expects a tensor, and needs a single value: a slice takes several.
        sliced = keep.how == "[]" and ":" in keep.place.text.rpartition("[")[2]
        several = sliced or Fact.JOINED in keep.subject.facts or Fact.SEVERAL in loss.facts
        cut = ".detach()" if several else ".item()"
        fix, kept = None, f"{loss}{cut}"
        if isinstance(value, Place) and not value.text.startswith(("{", "[")):
            kept = value.text + cut
            fix = unsafe(f"Keep `{kept}`", replace(value, kept))
        yield Mistake(
            keep,
            f"`{keep.name}` keeps the autograd graph of `{loss}` from every iteration",
            fix=fix,
            help=f"keep its value: `{kept}`",
        )


def _predicted_each_time(loop: EventGraph, keep: Event, loss: AbstractObject) -> bool:
    """Whether a prediction that the loss was computed from is made in the loop that keeps it."""
    around = keep.loops[len(keep.subject.loops) :]
    made = (event for scope in around for event in loop.in_iteration(scope, Kind.PREDICT, Kind.FORWARD, Kind.RUN))
    return any(event.leads_to(loss) for event in made)


def _within_one_call(loop: EventGraph, keep: Event) -> bool:
    """Whether a sum exists for one call of a network's `forward`, or of a closure: over its parts."""
    around = keep.loops[len(keep.subject.loops) :]
    own = keep.subject.owner is None and all(scope.function == keep.function for scope in around)
    return own and (loop.inside(keep, Context.FORWARD) or any(step.place in keep.calls for step in loop.all(Kind.STEP)))


def _is_for_a_step(loop: EventGraph, keep: Event) -> bool:
    """Whether a path leads from a sum to a step after its loop without a backward."""
    steps = [step for step in loop.all(Kind.STEP) if step.loops == keep.subject.loops]
    return keep.how == "+=" and loop.path(keep, to=steps, avoiding=loop.all(Kind.BACKWARD)) is not None


def _meant_without_graph(loop: EventGraph, keep: Event) -> bool:
    """Whether a `no_grad()` without a `with` precedes it."""
    useless = [event for event in loop.all(Kind.DISCARD) if Fact.CONTEXT in event.subject.facts]
    return any(loop.path(event, to=keep, within=loop.innermost(event)) for event in useless)
