"""LOOP407: see `loss_broadcast`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, Kind, Option, Place
from looplint.rule import ERROR, Fix, Mistake, replace, rule, unsafe


@rule("LOOP407", severity=ERROR, needs=[(Kind.GRADE, Kind.BROADCAST)])
def loss_broadcast(loop: EventGraph) -> Iterator[Mistake]:
    """A loss compares predictions (N, 1) with targets (N,): every prediction with every target.

    What it does
    ------------
    Follows the shapes of tensors as far as they are certain, and looks for a regression loss, or a difference that is
    back-propagated, between one whose last dimension has size 1 and one without that dimension.

    Why is this bad?
    ----------------
    (N, 1) and (N,) are broadcast to (N, N). The loss is lowest where every prediction is the mean of all targets: the
    network learns that mean and nothing else, and the loss still falls. A criterion warns once, a difference does not.

    Example
    -------
    ```python
    model = nn.Linear(6, 1)
    inputs, targets = torch.randn(32, 6), torch.randn(32)
    for _ in range(100):
        optimizer.zero_grad()
        F.mse_loss(model(inputs), targets).backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    model = nn.Linear(6, 1)
    inputs, targets = torch.randn(32, 6), torch.randn(32)
    for _ in range(100):
        optimizer.zero_grad()
        F.mse_loss(model(inputs).squeeze(-1), targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Most shapes are not certain: those of data in files, of arguments, of networks outside the analysed files. Where a
    shape is not certain nothing is reported. Differences of a tensor and itself (all pairs on purpose) are left alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/broadcasting.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
    """
    reported: set[Event] = set()
    for event in loop.all(Kind.GRADE, Kind.BROADCAST):
        shapes = event.options.get(Option.SHAPES, ())
        if len(shapes) != 2 or None in shapes:
            continue
        spread = event.kind is Kind.GRADE and shapes[0].spreads_along(shapes[1])
        if not spread and not shapes[0].broadcasts_along(shapes[1]):
            continue
        if event.kind is Kind.GRADE and Fact.ELEMENTWISE not in event.subject.facts:
            continue
        if event.kind is Kind.BROADCAST:
            backwards = [b for b in loop.all(Kind.BACKWARD) if b.comes_from(event.subject)]
            if not backwards or reported.issuperset(backwards) or _all_pairs(event):
                continue
            reported.update(backwards)
        columns = shapes[0] if shapes[0].rank > shapes[1].rank else shapes[1]
        places = event.options.get(Option.ARGUMENTS, ())
        names = [place.text or "this" for place in places] if len(places) == 2 else ["the prediction", "the target"]
        yield Mistake(
            event,
            f"`{names[0]}` is {shapes[0]} and `{names[1]}` is {shapes[1]}: they broadcast against each other",
            help="give both the same shape: `.squeeze(-1)` takes the last dimension away",
            fix=None if spread else _squeezed(places, shapes.index(columns)),
        )


def _all_pairs(event: Event) -> bool:
    """Whether the two sides are made of each other: differences of all pairs."""
    one, other = event.inputs
    return one.comes_from(other) or other.comes_from(one)


def _squeezed(places: tuple[Place, ...], index: int) -> Fix | None:
    if len(places) != 2 or not places[index].text:
        return None
    text = places[index].text
    plain = text.replace(".", "").replace("_", "").isalnum() or text.endswith((")", "]"))
    fixed = f"{text}.squeeze(-1)" if plain and not text.startswith("(") else f"({text}).squeeze(-1)"
    return unsafe(f"Write `{fixed}`", replace(places[index], fixed))
