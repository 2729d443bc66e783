"""LOOP506: see `retained_graph`."""

from collections.abc import Iterable, Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Graph, How, Kind, LoopScope, Type, derivation
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
            e for e in loop.in_iteration(scope, Kind.BACKWARD) if e is not backward and _share(backward, e, beside)
        ]
        if loop.path(backward, to=others, within=scope):
            continue
        led = [predict for predict in predictions if predict.leads_to(*backward.subjects)]
        if not led or any(scope not in predict.loops for predict in led):
            continue
        # If a value depends on the path, there is one backward event for each alternative.
        losses = [loss for e in loop.all(Kind.BACKWARD) if e.place == backward.place for loss in e.subjects]
        inside = [predict for predict in predictions if scope in predict.loops]
        if all(_is_recomputed(loss, inside, batch, scope) for loss in losses):
            yield Mistake(
                backward,
                f"the graph of `{backward.name}` is retained, but never used again",
                help="leave out `retain_graph=True`",
                fix=_release(backward),
            )


def _share(one: Event, other: Event, beside: list[AbstractObject]) -> bool:
    """Whether two losses share an operand that may hold a graph, other than the networks and the batch."""
    mine = {id(thing) for loss in one.subjects for thing in loss.ancestry() if _may_hold_graph(thing, beside)}
    return any(id(thing) in mine for loss in other.subjects for thing in loss.ancestry())


def _may_hold_graph(thing: AbstractObject, beside: list[AbstractObject]) -> bool:
    if thing.type not in (Type.TENSOR, Type.UNKNOWN, Type.COLLECTION) or thing.graph is Graph.NO:
        return False
    # The owner of an element is its batch, whose operand is the loader.
    whole = [thing, *(one for owner in thing.owners() for one in owner.operands)] if thing.external else [thing]
    return not any(one is other for one in whole for other in beside)


_PLAIN = (Type.NUMBER, Type.PARAMETERS, Type.CRITERION, Type.SCALER, Type.FRAMEWORK)
"""Types without a graph of their own, or leaves of one."""


def _is_recomputed(
    loss: AbstractObject, predictions: list[Event], batch: list[AbstractObject], scope: LoopScope
) -> bool:
    """Whether a loss is computed from the batch, from its predictions in the same iteration (of the loop `scope`) and
    from parameters only."""
    recomputed = {
        id(output): predict for predict in predictions for output in (predict.object, *predict.outputs) if output
    }

    def fresh(thing: AbstractObject) -> bool:
        return any(Fact.DRAWN in owner.facts for owner in thing.owners()) or any(thing is one for one in batch)

    def through(thing: AbstractObject) -> Iterable[AbstractObject]:
        if id(thing) in recomputed:
            return recomputed[id(thing)].inputs
        return () if thing.type in _PLAIN else thing.origins

    for thing in derivation(loss, through=through, until=fresh):
        if scope in thing.carried_into:
            return False
        if id(thing) in recomputed:
            given = recomputed[id(thing)].inputs
            if any(one.comes_from(output) for one in given for output in recomputed[id(thing)].outputs):
                return False
        elif thing.type in (Type.MODULE, Type.ENGINE):
            return False
        elif thing.type not in _PLAIN:
            # Parameters are leaves; a value computed from one before the loop has a graph that stays.
            before = scope not in thing.loops and not (thing.origins and thing.external)
            if thing.graph is not Graph.NO and Fact.COUNTER not in thing.facts and before:
                return False
    return True


def _release(backward: Event) -> Fix | None:
    call, argument = backward.place.text, "(retain_graph=True)"
    if not call.endswith(argument):
        return None
    return unsafe("Free the graph", replace(backward, f"{call.removesuffix(argument)}()"))
