"""LOOP405: see `detached_loss`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, EventGraph, Fact, Graph, How, Kind, Type, derivation
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP405", severity=ERROR, preview=True, needs=[Kind.BACKWARD])
def detached_loss(loop: EventGraph) -> Iterator[Mistake]:
    """The loss is detached from its graph between the prediction and `backward()`.

    What it does
    ------------
    Looks for a `backward()` on a value without a graph: `detach()`, `.data`, `.item()`, `.numpy()`, `argmax` or
    `torch.tensor(...)` occur on every path from the prediction to it. Also for a sum of losses of which one is added as
    a plain number: `loss + other.item()`.

    Why is this bad?
    ----------------
    A value without a graph cannot be back-propagated: `backward()` ends with a RuntimeError (of a number, with an
    AttributeError). Setting `requires_grad` silences the error and trains nothing (see `loss-made-leaf`). A term that
    is a number raises no error: what it measures is not trained.

    Example
    -------
    ```python
    for inputs, targets in loader:
        outputs = model(inputs).detach()
        loss = F.mse_loss(outputs, targets)
        loss.backward()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        outputs = model(inputs)
        loss = F.mse_loss(outputs, targets)
        loss.backward()
    ```

    Known limits
    ------------
    A loss to which anything contributes that may have a graph is not reported: another prediction, a parameter, a
    tensor that requires gradients, what comes from unknown code. Predictions under `no_grad` are reported by
    `backward-without-graph`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html
    """
    batches = loop.iterables()
    for backward in loop.all(Kind.BACKWARD):
        if (
            loop.inside(backward, Context.NO_GRAD, Context.INFERENCE_MODE, Context.GRAPH_ASKED_FOR)
            or How.GRADIENT in backward.how.split()
        ):
            continue
        # A loss that is made a leaf is reported as LOOP403.
        if any(backward.comes_from(leaf.subject) for leaf in loop.all(Kind.LEAF)):
            continue
        if all(_is_detached(subject, batches) for subject in backward.subjects):
            yield Mistake(
                backward,
                f"`{backward.name}` is detached from its graph: `backward()` fails",
                help="compute the loss with tensors throughout, and take plain values only for display",
            )
        elif any(Fact.NUMBER_ADDED in one.facts for one in backward.subjects):
            yield Mistake(
                backward,
                f"a term of `{backward.name}` is a plain number: nothing is trained by it",
                help="add the loss itself, without `.item()`",
            )


def _is_detached(loss: AbstractObject, batches: set[AbstractObject]) -> bool:
    """Whether a loss was computed from detached predictions, and from nothing that has, or may have, a graph."""
    found = False
    for thing in derivation(loss, through=_went_into, until=batches.__contains__):
        # `backward()` is no evidence of a graph here.
        recorded = thing.graph is Graph.YES and Fact.RECORDED not in thing.facts
        trained = thing.type in _WITH_PARAMETERS and Fact.NO_PARAMETERS not in thing.facts
        if recorded or trained or not thing.facts.isdisjoint((Fact.LEAF, Fact.GRADIENT)):
            return False
        found |= Fact.CUT_OFF in thing.facts
        if _is_boundary(thing):
            continue
        known = thing.graph is Graph.NO or Fact.GRADED in thing.facts or _is_computed(thing)
        if not (thing.origins and known) and thing.graph is not Graph.NO:
            return False
    return found


def _is_boundary(thing: AbstractObject) -> bool:
    """Whether the operands of a value do not matter: it was detached on purpose, or never had a graph."""
    detached = Fact.CUT_OFF in thing.facts and Fact.DETACHED in thing.facts
    return detached or thing.type in (*_WITHOUT_GRAPH, *_WITH_PARAMETERS)


def _went_into(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    return () if _is_boundary(thing) else thing.origins


_WITH_PARAMETERS = (Type.MODULE, Type.PARAMETERS, Type.ENGINE)
_WITHOUT_GRAPH = (Type.NUMBER, Type.SCALER, Type.CRITERION, Type.FRAMEWORK, Type.LOADER)


def _is_computed(thing: AbstractObject) -> bool:
    """Whether an operator or torch computed it, or it is a part of something."""
    return not thing.constructor or thing.constructor.startswith(("torch.", "Tensor.")) or thing.owner is not None
