"""LOOP611: see `parameters_replaced_after_optimizer`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, How, Kind, Type
from looplint.events.queries.ownership.replaced_parameters import (
    brings_parameters,
    holds_replaced,
    listed_before,
    moves_own_part,
)
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP611", severity=ERROR, needs=[Kind.MAKE, Kind.ASSIGN, (Kind.STEP, Kind.READ)])
def parameters_replaced_after_optimizer(loop: EventGraph) -> Iterator[Mistake]:
    """A layer is replaced after the optimizer was constructed, which keeps training the old one.

    What it does
    ------------
    Looks for a new layer or parameter assigned to a model over which an optimizer was already constructed, when that
    optimizer steps afterwards, there or in other methods of the class; also for what replaces parameters in place:
    `fully_shard`, `weight_norm`, `load_state_dict(..., assign=True)` and peft's `get_peft_model`.

    Why is this bad?
    ----------------
    An optimizer holds parameters, not the model. The new layer's parameters are not among them: its change after
    training was 0.0. There is no warning.

    Example
    -------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.fc = nn.Linear(512, 10)
    ```

    Use instead
    -----------
    ```python
    model.fc = nn.Linear(512, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ```

    Known limits
    ------------
    `model.to(device)`, `spectral_norm` and pruning after the optimizer are fine: the parameters stay the same objects.
    Layers without parameters and layers passed to the optimizer by `add_param_group` are not reported.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#constructing-it
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.add_param_group.html
    """
    makes = loop.made(Type.OPTIMIZER, certain=True)
    for assign in loop.all(Kind.ASSIGN):
        # A layer constructed in `forward` is reported as LOOP305.
        if loop.inside(assign, Context.FORWARD) or moves_own_part(assign) or not brings_parameters(loop, assign):
            continue
        for make in makes:
            optimizer = make.subject
            if not holds_replaced(loop, optimizer, assign) or optimizer.comes_from(assign.object or optimizer):
                continue
            elsewhere = loop.all(Kind.READ, about=optimizer, how=How.STEPPED_ELSEWHERE)
            steps = [*loop.all(Kind.STEP, about=optimizer), *elsewhere]
            escaped = [e for e in loop.all(Kind.READ, Kind.ESCAPE, about=optimizer) if e not in elsewhere]
            replaced = loop.path(make, to=assign, avoiding=makes)
            stepped = replaced and loop.path(assign, to=steps, avoiding=[*makes, *escaped])
            if not stepped and listed_before(optimizer, assign, make):
                replaced, stepped = loop.path(assign, to=make), loop.path(make, to=steps, avoiding=escaped)
            if replaced and stepped:
                replaces = f"`{assign.name}.{assign.how}` was replaced: it trains the old one"
                if assign.how == How.NEW_PARAMETERS:
                    replaces = f"`{assign.name}` got new parameters: it trains the old ones"
                yield Mistake(
                    assign,
                    f"`{make.name}` was made before {replaces}",
                    (replaced + stepped).with_notes(
                        "it holds these parameters", "new ones come", "it steps the old ones"
                    ),
                    help="make the optimizer after the model is complete",
                )
                break
