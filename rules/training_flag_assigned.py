"""LOOP303: see `training_flag_assigned`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, EventGraph, Fact, Kind, Option, Type
from looplint.rule import WARNING, Mistake, delete, insert_before, rule, safe


@rule("LOOP303", severity=WARNING, needs=[Kind.ASSIGN])
def training_flag_assigned(loop: EventGraph) -> Iterator[Mistake]:
    """The attribute `training` of a module is set, which does not change the mode of its layers.

    What it does
    ------------
    Looks for `model.training = ...` on a module that has layers of its own. Restoring a saved `model.training` after
    `eval()` is reported, too: the layers stay in evaluation mode.

    Why is this bad?
    ----------------
    `training` is a plain attribute of each single module. `eval()` and `train()` set it on every layer inside, an
    assignment changes the outermost one only: dropout stays active and batch normalisation keeps learning from
    validation data (the running means of a small network had moved to a norm of 2.8, where 0.56 was right).

    Example
    -------
    ```python
    model.training = False
    with torch.no_grad():
        for inputs, targets in val_loader:
            outputs = model(inputs)
    ```

    Use instead
    -----------
    ```python
    model.eval()
    with torch.no_grad():
        for inputs, targets in val_loader:
            outputs = model(inputs)
    ```

    Known limits
    ------------
    Layers without layers of their own, loops over `model.modules()`, and assignments to `self` are not reported.
    Neither is a constant that is assigned after `eval()` or `train()`: it changes only the outermost flag on purpose.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    for assign in loop.all(Kind.ASSIGN):
        module = assign.subject
        if assign.how != "training" or assign.name == "self" or module.type is not Type.MODULE or not _whole(module):
            continue
        predictions = loop.all(Kind.PREDICT, Kind.FORWARD, about=module)
        switches = loop.all(Kind.TRAIN, Kind.EVAL, about=module)
        if module.external and module.owner is None and not (predictions or switches):
            continue
        near = [e for e in switches if e.function == assign.function]
        value, path = assign.options.get(Option.VALUE), None
        if isinstance(value, bool):
            apart = loop.path(near, to=assign, avoiding=predictions)
            if apart or (predictions and not loop.path(assign, to=predictions, avoiding=switches)):
                continue
            right = f"{assign.name}.{'train' if value else 'eval'}()"
        elif assign.object is not None and Fact.TRAINING_FLAG in assign.object.facts:
            path = loop.path(near, to=assign)
            if path is None:
                continue
            path = path.with_notes("every layer is switched", "only the outermost module is switched back")
            right = f"{assign.name}.train({assign.options.get(Option.WRITTEN, '')})"
        else:
            continue
        fix = safe(f"Call `{right}`", insert_before(assign, right), delete(assign))
        yield Mistake(
            assign,
            f"`{assign.name}.training` is set, but the layers inside keep their mode",
            path,
            fix=fix if Option.WRITTEN in assign.options else None,
        )


def _whole(module: AbstractObject) -> bool:
    """Whether a module certainly has layers whose mode matters, and is not an element of a loop over modules."""
    facts = {fact for thing in (*module.ancestry(), *module.owners()) for fact in thing.facts}
    return (
        module.name != "self"
        and Fact.PARTS not in facts
        and module.facts.isdisjoint((Fact.SINGLE_LAYER, Fact.MODE_FREE))
    )
