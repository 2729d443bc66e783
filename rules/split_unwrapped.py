"""LOOP107: see `split_unwrapped`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Kind, Option, Trace, Type
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP107", severity=ERROR, needs=[Kind.READ])
def split_unwrapped(loop: EventGraph) -> Iterator[Mistake]:
    """A loader gets `part.dataset`, the whole dataset, instead of the part.

    What it does
    ------------
    Looks for a part made by `random_split` or `Subset` whose `.dataset` is passed to a loader, and for two parts of
    one split that are returned so.

    Why is this bad?
    ----------------
    A part holds indices into the whole dataset, and its attribute `dataset` is that whole. A loader over it yields all
    samples, those of the other parts, too: the model is trained on what it is tested on (32 samples instead of 24 for a
    split into 24 and 8), and the measured result is far too good. No error is raised.

    Example
    -------
    ```python
    train_set, val_set = torch.utils.data.random_split(dataset, [0.8, 0.2])
    train_loader = DataLoader(train_set.dataset, batch_size=32, shuffle=True)
    for inputs, targets in train_loader:
        ...
    ```

    Use instead
    -----------
    ```python
    train_set, val_set = torch.utils.data.random_split(dataset, [0.8, 0.2])
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    for inputs, targets in train_loader:
        ...
    ```

    Known limits
    ------------
    A loader with a sampler may be restricted to the part by it and is not reported. Where the whole dataset is returned
    or stored and the loader is made in unknown code, nothing is reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.random_split
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Subset
    """
    loaders = [make for make in loop.made(Type.LOADER) if Fact.SAMPLED not in make.subject.facts]
    for unwrap in loop.all(Kind.READ):
        whole = unwrap.object
        if unwrap.how != "dataset" or whole is None:
            continue
        over = [make for make in loaders if any(_gives_all_of(source, whole) for source in make.subject.operands)]
        if twins := _returned_beside(loop, unwrap):
            together, twin = [unwrap, *twins], twins[0]
            yield Mistake(
                unwrap,
                f"`{unwrap.name}.dataset` is the whole dataset, and so is `{twin.name}.dataset`",
                Trace((unwrap, twin), ("the first part is unwrapped", "the second one, too: both are one dataset")),
                help="return the parts",
                fix=unsafe("Return the parts", *(replace(event, event.name) for event in together)),
            )
        elif path := loop.path(unwrap, to=over):
            yield Mistake(
                unwrap,
                f"`{unwrap.name}.dataset` is the whole dataset, not this part of it",
                path.with_notes("the part is unwrapped", "the loader gives every sample, those of other parts, too"),
                help=f"give `{unwrap.name}` to the loader",
                fix=unsafe(f"Give `{unwrap.name}` to the loader", replace(unwrap, unwrap.name)),
            )


def _gives_all_of(dataset: AbstractObject, whole: AbstractObject) -> bool:
    return dataset is whole or (Fact.TRANSFORMED_WHOLE in dataset.facts and dataset.operands == (whole,))


def _returned_beside(loop: EventGraph, unwrap: Event) -> list[Event]:
    """The other parts of the same split that the same statement unwraps, to return all of them."""
    if not unwrap.options.get(Option.RETURNED) or not unwrap.subject.operands:
        return []
    beside = [e for e in loop.all(Kind.READ) if e.how == "dataset" and e.statement == unwrap.statement]
    return [e for e in beside if e.subject is not unwrap.subject and e.subject.operands == unwrap.subject.operands]
