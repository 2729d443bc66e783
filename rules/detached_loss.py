"""LOOP405: see `detached_loss`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Fact, How, Kind
from looplint.events.queries.gradients.autograd import is_detached
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
        if all(is_detached(subject, batches) for subject in backward.subjects):
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
