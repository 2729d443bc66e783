"""LOOP108: see `split_shares_dataset`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP108", severity=ERROR, needs=[Kind.READ, Kind.ASSIGN])
def split_shares_dataset(loop: EventGraph) -> Iterator[Mistake]:
    """A transform is set on the dataset of one part of a split, which all parts share.

    What it does
    ------------
    Looks for `part.dataset.transform = ...` (any attribute that affects the samples) where another part of the same
    dataset exists.

    Why is this bad?
    ----------------
    `random_split` and `Subset` copy nothing: every part reads from the same dataset. The transform that is set last
    counts for all parts: either the validation images are augmented, too, or those for training are not at all. No
    error is raised.

    Example
    -------
    ```python
    train_set, val_set = torch.utils.data.random_split(dataset, [0.8, 0.2])
    train_set.dataset.transform = augment
    val_set.dataset.transform = normalize
    ```

    Use instead
    -----------
    ```python
    indices = torch.randperm(len(dataset)).tolist()
    train_set = torch.utils.data.Subset(Images(root, transform=augment), indices[1000:])
    val_set = torch.utils.data.Subset(Images(root, transform=normalize), indices[:1000])
    ```

    Known limits
    ------------
    A part whose `dataset` is replaced by a copy first is not reported, nor is a transform that is set on every part.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.random_split
    - https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Subset
    """
    replaced = [e.subject for e in loop.all(Kind.ASSIGN) if e.how == "dataset"]
    made = [make.subject for make in loop.all(Kind.MAKE) if Fact.PART_OF_DATASET in make.subject.facts]
    parts = [part for part in made if part not in replaced]
    assigns = [
        e
        for e in loop.all(Kind.ASSIGN)
        if Fact.WHOLE_DATASET in e.subject.facts and e.options.get(Option.CHANGES_SAMPLES)
    ]
    for assign in assigns:
        part = assign.subject.operands[0]
        others = [one for one in parts if one is not part and one.operands and one.operands == part.operands]
        alike = {
            id(same.subject.operands[0])
            for same in assigns
            if same.how == assign.how and same.options.get(Option.WRITTEN) == assign.options.get(Option.WRITTEN)
        }
        if not others or all(id(one) in alike for one in others):
            continue
        reads = [read for read in loop.all(Kind.READ) if read.object is assign.subject]
        if path := loop.path(reads, to=assign):
            yield Mistake(
                assign,
                f"`{assign.how}` is set for every part of the split: they share one dataset",
                path.with_notes("this is the dataset that all parts share", "it is changed for all of them"),
                help="give each part its own copy of the dataset, with the same indices",
            )
