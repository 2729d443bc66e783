"""LOOP403: see `loss_made_leaf`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Graph, How, Kind
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP403", severity=ERROR, needs=[Kind.LEAF, Kind.BACKWARD])
def loss_made_leaf(loop: EventGraph) -> Iterator[Mistake]:
    """A loss without a graph is made a leaf that requires gradients, and back-propagated.

    What it does
    ------------
    Looks for `loss.requires_grad_(True)`, `loss.requires_grad = True`, `torch.tensor(loss, requires_grad=True)` and
    `Variable(loss, requires_grad=True)` where a `backward()` starts from the result.

    Why is this bad?
    ----------------
    It silences "element 0 of tensors does not require grad and does not have a grad_fn", and nothing else: the new leaf
    has no path back to the parameters. `backward()` raises no error and computes no gradient, the parameters change by
    0.0.

    Example
    -------
    ```python
    loss = criterion(model(inputs), targets)
    loss = torch.tensor(loss, requires_grad=True)
    loss.backward()
    ```

    Use instead
    -----------
    ```python
    loss = criterion(model(inputs), targets)
    loss.backward()
    ```

    Known limits
    ------------
    Inputs made to require gradients (attacks, attribution) are not reported. Neither is `loss.requires_grad_(True)` on
    a loss that is known to hold its graph: there it does nothing.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#setting-requires-grad
    - https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
    """
    for leaf in loop.all(Kind.LEAF):
        in_place = leaf.object is leaf.subject
        if leaf.object is None or (in_place and leaf.object.graph is Graph.YES):
            continue
        # Whoever reads its gradient means a leaf.
        if any(read.how == How.GRADIENT and read.is_subject(leaf.subject) for read in loop.all(Kind.READ)):
            continue
        starts = [
            backward
            for backward in loop.all(Kind.BACKWARD)
            if (backward.is_subject(leaf.subject) and backward.how != How.GRADIENT)
            or (leaf.object.facts & LOSSES and backward.subject.comes_from(leaf.subject))
        ]
        if path := loop.path(leaf, to=starts):
            yield Mistake(
                leaf,
                f"`{leaf.name}` becomes a leaf: it has no path back to the parameters",
                path.with_notes("the loss is detached from its graph", "backward stops at the leaf"),
                help="call `backward()` on the criterion's result; keep every operation before it differentiable",
            )


LOSSES = {Fact.GRADED, Fact.BATCH_MEAN}
"""Facts of a value that is a loss, or a term of one."""
