"""LOOP903: see `model_replaced_by_load_result`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, Kind
from looplint.rule import ERROR, Fix, Mistake, delete, insert_before, rule, safe


@rule("LOOP903", severity=ERROR, needs=[Kind.REBIND])
def model_replaced_by_load_result(loop: EventGraph) -> Iterator[Mistake]:
    """A model or optimizer is replaced by the result of its `load_state_dict`.

    What it does
    ------------
    Looks for `model = model.load_state_dict(state)`, for optimizers and schedulers, too, and for
    `model = Model().load_state_dict(state)`.

    Why is this bad?
    ----------------
    `load_state_dict` loads in place. It returns a report of missing and unexpected keys (a module) or nothing (an
    optimizer): the name no longer stands for the model, and the next call of it raises an error.

    Example
    -------
    ```python
    model = model.load_state_dict(torch.load(path))
    ```

    Use instead
    -----------
    ```python
    model.load_state_dict(torch.load(path))
    ```

    Known limits
    ------------
    Binding the report to another name is fine. A class of the project whose own `load_state_dict` returns the object is
    not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
    """
    reported: list[AbstractObject] = []
    for bound in loop.all(Kind.REBIND):
        if bound.object and Fact.LOAD_RESULT in bound.object.facts and bound.object not in reported:
            reported.append(bound.object)
            yield Mistake(
                bound,
                f"`{bound.name}` is replaced by the result of `load_state_dict`, which is not the loaded object",
                help="load first, in a separate statement",
                fix=_in_place(bound),
            )


def _in_place(bound: Event) -> Fix | None:
    """The call alone, if its target is its receiver."""
    target, _, call = (bound.statement.text if bound.statement else "").partition("=")
    call = call.strip(" \t\n\\")
    while call.startswith("(") and call.endswith(")") and "#" not in call:
        call = call[1:-1].strip()
    begins = call.lstrip("( \n").startswith(f"{bound.name}.load_state_dict(")
    if bound.statement is None or target.strip() != bound.name or not begins:
        return None
    return safe("Load in place", delete(bound.statement), insert_before(bound.statement, call))
