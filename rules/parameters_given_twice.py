"""LOOP623: see `parameters_given_twice`."""

from collections.abc import Iterable, Iterator

from looplint.events import AbstractObject, EventGraph, Fact, Kind, LoopScope, Place, Type, derivation
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP623", severity=ERROR, preview=True, needs=[Kind.MAKE])
def parameters_given_twice(loop: EventGraph) -> Iterator[Mistake]:
    """An optimizer is given the parameters of one module twice, in place of those of another.

    What it does
    ------------
    Looks for an optimizer made over a list in which the `parameters()` of the same module stand twice.

    Why is this bad?
    ----------------
    The module that was meant is in no optimizer and is never trained: it changed by 0.0. The other one is updated twice
    in each step, with twice the learning rate. PyTorch warns once of duplicate parameters, and goes on.

    Example
    -------
    ```python
    encoder, decoder = nn.Linear(6, 8), nn.Linear(8, 6)
    optimizer = torch.optim.Adam(list(encoder.parameters()) + list(encoder.parameters()))
    ```

    Use instead
    -----------
    ```python
    encoder, decoder = nn.Linear(6, 8), nn.Linear(8, 6)
    optimizer = torch.optim.Adam(list(encoder.parameters()) + list(decoder.parameters()))
    ```

    Known limits
    ------------
    Parameters that are picked one by one, by their names, are not looked at, nor are modules that share some.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#constructing-it
    """
    for make in loop.all(Kind.MAKE):
        if make.subject.type is not Type.OPTIMIZER:
            continue
        first: dict[AbstractObject, AbstractObject] = {}
        for whole in derivation(make.subject, through=_given):
            if whole.type is not Type.PARAMETERS or Fact.ONE_SHOT not in whole.facts or not whole.operands:
                continue
            if any(_is_one_of_several(whole.operands[0], scope) for scope in whole.loops if scope not in make.loops):
                continue
            before = first.setdefault(whole.operands[0], whole)
            if before is not whole and whole.place and before.place and whole.place != before.place:
                if _are_added_later(make.subject, before.place, whole.place):
                    continue
                places = sorted((before.place, whole.place))
                yield Mistake(
                    places[1],
                    f"the parameters of `{whole.operands[0]}` are given to the optimizer twice",
                    help="give it those of the other module, or leave one out",
                    also=((places[0], "they stand here, too"),),
                )


def _given(thing: AbstractObject) -> Iterable[AbstractObject]:
    """What an optimizer is over, as far as it is given whole: not what is picked out of parameters."""
    if thing.type is Type.OPTIMIZER:
        # Several are what it may be over, one or the other.
        return thing.operands if len(thing.operands) == 1 else ()
    if thing.external or Fact.SELECTED in thing.facts:
        return ()
    if thing.type in (Type.COLLECTION, Type.UNKNOWN):
        return thing.operands
    return ()


def _are_added_later(optimizer: AbstractObject, *places: Place) -> bool:
    """Whether all of these were added to a list that was there before: each of them perhaps on a path of its own."""
    whole = optimizer.operands[0].place if optimizer.operands else None
    return whole is not None and all(map(whole.before, places))


def _is_one_of_several(module: AbstractObject, scope: LoopScope) -> bool:
    """Whether the loop iterates over modules, so that each pass is about another one."""
    return scope.over is not None and scope.over is not module and module.comes_from(scope.over)
