"""LOOP409: see `loss_term_without_effect`."""

from collections.abc import Collection, Iterator, Sequence

from looplint.events import AbstractObject, Event, EventGraph, Fact, Graph, Kind, Trace, Type, derivation
from looplint.events.autograd import has_no_graph
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
    steps = loop.all(Kind.STEP)
    if len(optimizers) < 2 or not set(loop.subjects(Kind.STEP)) <= set(optimizers):
        return
    predictions = [p for p in loop.all(Kind.PREDICT) if not loop.unrecorded(p)]
    reported: set[Event] = set()
    for backward in loop.all(Kind.BACKWARD):
        terms = [g for g in loop.all(Kind.GRADE) if g.loops == backward.loops and g.leads_to(*backward.subjects)]
        if len(terms) < 2:
            continue
        used = [o for o in optimizers if _uses(loop, backward, o)]
        reach = {term: _networks(term, predictions) for term in terms}
        if not used or not any(_trained(networks, used) for networks in reach.values()):
            continue
        for term, networks in reach.items():
            if term in reported or not networks or _trained(networks, used):
                continue
            held = all(_trained([network], optimizers) for network in networks)
            if held and all(given.graph is not Graph.UNKNOWN for given in term.inputs):
                reported.add(term)
                path = loop.path(backward, to=[s for s in steps if any(s.is_subject(o) for o in used)])
                yield Mistake(
                    term,
                    f"this term of `{backward.name}` reaches nothing that `{used[0]}` updates",
                    Trace((term, *path.events), ("it was computed without what is updated", "", "")) if path else None,
                    help="compute it of the output that is not detached, or leave it out",
                )


def _without_graph(loop: EventGraph) -> Iterator[Mistake]:
    """Terms without a graph, computed of what was predicted for this update, beside terms that have one."""
    reported: set[Event] = set()
    for backward in loop.all(Kind.BACKWARD):
        parts = [part for loss in backward.subjects for part in derivation(loss, through=_summands)]
        summed = {id(part) for part in parts}
        if not any(part.graph is Graph.YES and part not in backward.subjects for part in parts):
            continue
        recorded = {id(out) for made in loop.trainings() for out in made.outputs if made.loops == backward.loops}
        graded = [grade for grade in loop.all(Kind.GRADE) if grade.loops == backward.loops]
        without = [one for one in parts if one.graph is Graph.NO and one.type is not Type.NUMBER]
        without = [one for one in without if not any(grade.leads_to(one) for grade in graded)]
        for term in loop.all(Kind.GRADE, Kind.PREDICT):
            # What a network predicts without recording may be a weight; a whole term that is computed of it is meant.
            whole = term.outputs if term.kind is Kind.GRADE else _computed(term, without)
            if (
                term.loops != backward.loops
                or not any(id(out) in summed for out in whole)
                or any(out.graph is Graph.YES for out in whole)
                or term.place in {one.place for one in reported}
            ):
                continue
            if cut := _cut_off(loop, term, recorded):
                reported.add(term)
                yield Mistake(
                    term,
                    f"this term of `{backward.name}` has no graph: nothing is trained by it",
                    Trace((term, backward), (cut, "the other terms are back-propagated")),
                    help="compute it with gradients of the predictions that are not detached, or leave it out",
                )


def _computed(predict: Event, terms: Sequence[AbstractObject]) -> list[AbstractObject]:
    """The terms that are a mean of what a network predicts."""
    return [term for term in terms if Fact.BATCH_MEAN in term.facts and predict.leads_to(term)]


def _summands(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    return thing.operands if Fact.TERMS in thing.facts else ()


def _cut_off(loop: EventGraph, term: Event, recorded: Collection[int]) -> str:
    """How a term lost the graph of what it was computed of."""
    made_of = [one for given in term.inputs for one in given.ancestry()]
    if loop.unrecorded(term):
        return "it was computed without recording" if any(id(one) in recorded for one in made_of) else ""
    batches = loop.iterables()
    detached = any(Fact.CUT_OFF in one.facts for one in term.inputs)
    without = detached and all(has_no_graph(one, batches) for one in term.inputs)
    return "it was computed of detached values" if without else ""


def _uses(loop: EventGraph, backward: Event, optimizer: AbstractObject) -> bool:
    """Whether a step of the optimizer uses these gradients: they are not cleared before it."""
    return loop.path(backward, to=Kind.STEP, avoiding=Kind.CLEAR, about=optimizer) is not None


def _networks(term: Event, predictions: list[Event]) -> list[AbstractObject]:
    """The networks that a term goes back to."""
    return [p.subject for p in predictions if p.leads_to(*term.inputs)]


def _trained(networks: list[AbstractObject], optimizers: list[AbstractObject]) -> bool:
    return any(optimizer.related(network) for network in networks for optimizer in optimizers)
