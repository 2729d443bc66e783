"""LOOP409: see `loss_term_without_effect`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Place, Trace, Type
from looplint.events.queries.gradients.loss_terms import terms_for_others, terms_without_graph
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP409", severity=WARNING, preview=True, needs=[(Kind.GRADE, Kind.PREDICT), Kind.BACKWARD])
def loss_term_without_effect(loop: EventGraph) -> Iterator[Mistake]:
    """A term of the loss reaches no parameter that is updated: it was computed of something detached.

    What it does
    ------------
    Looks for a loss of several terms that is back-propagated for one optimizer, of which one term goes back to networks
    of other optimizers only, whose gradients are cleared before those step. Also for a term that a criterion computes
    without a graph, under `no_grad` or of detached predictions, beside terms that have one.

    Why is this bad?
    ----------------
    The term is added, weighted and logged, and trains nothing: its gradient for the updated network is none at all. In
    adversarial training that happens to a feature loss of `discriminator(fake.detach())`, which is meant for the
    discriminator's own update.

    Example
    -------
    ```python
    import torch.nn.functional as F

    generator, discriminator = nn.Linear(6, 6), nn.Linear(6, 1)
    optimizer_g = torch.optim.Adam(generator.parameters())
    optimizer_d = torch.optim.Adam(discriminator.parameters())
    for inputs, _ in loader:
        fake = generator(inputs)
        features = discriminator(fake.detach())
        loss = F.l1_loss(fake, inputs) + F.mse_loss(features, discriminator(inputs))
        optimizer_g.zero_grad()
        loss.backward()
        optimizer_g.step()
        optimizer_d.zero_grad()
        discriminator(fake.detach()).mean().backward()
        optimizer_d.step()
    ```

    Use instead
    -----------
    ```python
    import torch.nn.functional as F

    generator, discriminator = nn.Linear(6, 6), nn.Linear(6, 1)
    optimizer_g = torch.optim.Adam(generator.parameters())
    optimizer_d = torch.optim.Adam(discriminator.parameters())
    for inputs, _ in loader:
        fake = generator(inputs)
        features = discriminator(fake)
        loss = F.l1_loss(fake, inputs) + F.mse_loss(features, discriminator(inputs))
        optimizer_g.zero_grad()
        loss.backward()
        optimizer_g.step()
        optimizer_d.zero_grad()
        discriminator(fake.detach()).mean().backward()
        optimizer_d.step()
    ```

    Known limits
    ------------
    Terms are those that a criterion computes, and means of what a network predicts. Where a network, or what an
    optimizer holds, is not known, nothing is reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html
    """
    yield from _without_graph(loop)
    optimizers = [m.subject for m in loop.made(Type.OPTIMIZER, certain=True)]
    if len(optimizers) < 2 or not set(loop.subjects(Kind.STEP)) <= set(optimizers):
        return
    reported: set[Event] = set()
    for backward in loop.all(Kind.BACKWARD):
        for term, used in terms_for_others(loop, backward, optimizers):
            if term in reported:
                continue
            reported.add(term)
            path = loop.path(backward, to=[s for s in loop.all(Kind.STEP) if any(map(s.is_subject, used))])
            yield Mistake(
                term,
                f"this term of `{backward.name}` reaches nothing that `{used[0]}` updates",
                Trace((term, *path.events), ("it was computed without what is updated", "", "")) if path else None,
                help="compute it of the output that is not detached, or leave it out",
            )


def _without_graph(loop: EventGraph) -> Iterator[Mistake]:
    """Terms without a graph, computed of what was predicted for this update, beside terms that have one."""
    reported: set[Place] = set()
    for backward in loop.all(Kind.BACKWARD):
        for term, cut in terms_without_graph(loop, backward):
            if term.place in reported:
                continue
            reported.add(term.place)
            yield Mistake(
                term,
                f"this term of `{backward.name}` has no graph: nothing is trained by it",
                Trace((term, backward), (cut, "the other terms are back-propagated")),
                help="compute it with gradients of the predictions that are not detached, or leave it out",
            )
