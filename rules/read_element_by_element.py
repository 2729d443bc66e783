"""LOOP707: see `read_element_by_element`."""

from collections.abc import Iterator

from looplint.events import EventGraph, How, Kind
from looplint.rule import NOTE, Mistake, rule


@rule("LOOP707", severity=NOTE, off=True, needs=[Kind.COST])
def read_element_by_element(loop: EventGraph) -> Iterator[Mistake]:
    """A loop reads a tensor from the device one element at a time.

    What it does
    ------------
    Looks for `.item()` of an element, in a loop over the elements or indices of a tensor. Off by default: it costs
    time, and changes no result.

    Why is this bad?
    ----------------
    Each `.item()` waits until the device has done all of its work so far, and copies one number: 8 copies for a batch
    of 8 samples, instead of one.

    Example
    -------
    ```python
    scores = model(inputs).amax(dim=1)
    for i in range(len(inputs)):
        total += scores[i].item()
    ```

    Use instead
    -----------
    ```python
    scores = model(inputs).amax(dim=1)
    total += scores.sum().item()
    ```

    If each number is needed: `for score in scores.tolist()`.

    Known limits
    ------------
    The tensor has to be computed in the code that is analysed. Two tensors that are gone through by `zip`, and
    comprehensions, are not followed.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html
    """
    reported = set()
    for read in loop.all(Kind.COST):
        if read.how == How.ELEMENT_READ and read.loops[-1].place not in reported:
            reported.add(read.loops[-1].place)
            what = f"`{read.subject.name}`" if read.subject.name else "a tensor"
            yield Mistake(
                read,
                f"{what} is read from the device one element at a time",
                help="compute with the whole tensor, or call `.tolist()` once",
            )
