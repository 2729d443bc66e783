"""LOOP505: see `spent_parameter_generator`."""

import re
from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind, Option, Place, Type
from looplint.rule import ERROR, Fix, Mistake, prefix, rule, safe, suffix


@rule("LOOP505", severity=ERROR, preview=True, needs=[Kind.ITERATE])
def spent_parameter_generator(loop: EventGraph) -> Iterator[Mistake]:
    """Parameters are kept as a generator and used twice: the second user gets none.

    What it does
    ------------
    Looks for a name bound to `model.parameters()`, to a `filter` or a generator expression over it, that is consumed a
    second time: by an optimizer and the clipping, by a sum over their sizes and an optimizer.

    Why is this bad?
    ----------------
    A generator can be consumed once. Clipping that gets no parameters returns a norm of 0.0 and clips nothing: gradient
    norms were 1.3, 0.8, 1.1, 1.1 where the bound was 0.1. An optimizer that gets none raises "optimizer got an empty
    parameter list".

    Example
    -------
    ```python
    parameters = model.parameters()
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for inputs, targets in loader:
        ...
        clip_grad_norm_(parameters, 1.0)
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for inputs, targets in loader:
        ...
        clip_grad_norm_(parameters, 1.0)
        optimizer.step()
    ```

    Known limits
    ------------
    A generator that is passed to unknown functions is not followed, nor is an attribute of an object that unknown code
    constructs. A loop that may be left early does not exhaust it.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.parameters
    - https://docs.python.org/3/glossary.html#term-generator-iterator
    """
    for second in loop.all(Kind.ITERATE):
        made = second.subject
        if all(source.type is not Type.PARAMETERS for source in made.operands) or made.place is None:
            continue
        creations = loop.all(Kind.MAKE, about=made)
        for first in loop.all(Kind.ITERATE, about=made):
            if first.options.get(Option.LEFT) or (first is second and not _again(loop, second)):
                continue
            if path := loop.path(first, to=second, avoiding=creations):
                yield Mistake(
                    second,
                    f"`{second.name}` is a generator that is already exhausted here",
                    path.with_notes("consumes all of it", "" if first is second else "finds it empty"),
                    fix=_listed(made.place),
                )
                break


def _listed(made: Place) -> Fix:
    """The code as a list; the brackets of a generator expression become those of the call."""
    if " for " in made.text and re.fullmatch(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", made.text):
        return safe("Keep a list", prefix(made, "list"))
    return safe("Keep a list", prefix(made, "list("), suffix(made, ")"))


def _again(loop: EventGraph, event: Event) -> bool:
    """Whether the event is in a loop that does not create the generator."""
    inner = event.loops[len(event.subject.loops) :]
    return any(scope.is_written for scope in inner)
