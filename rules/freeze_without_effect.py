"""LOOP610: see `freeze_without_effect`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, Kind, Option, Type
from looplint.rule import ERROR, Mistake, delete, insert_before, rule, safe


@rule("LOOP610", severity=ERROR, needs=[Kind.ASSIGN])
def freeze_without_effect(loop: EventGraph) -> Iterator[Mistake]:
    """`requires_grad` is set where nothing reads it: on a module, or under a misspelt name.

    What it does
    ------------
    Looks for `requires_grad = ...` on a module (only parameters and tensors have that switch), and for misspellings
    of it (`require_grad`) on parameters, tensors and modules.

    Why is this bad?
    ----------------
    Python silently creates a new attribute. The layers that should be frozen are still trained: after three updates
    their parameters had moved as far as without the assignment.

    Example
    -------
    ```python
    for parameter in model.backbone.parameters():
        parameter.require_grad = False
    model.head.requires_grad = False
    ```

    Use instead
    -----------
    ```python
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    model.head.requires_grad_(False)
    ```

    Known limits
    ------------
    An attribute of a module that may be a parameter as well as a module is not reported, nor a module that has no
    parameters: there is nothing to freeze.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.requires_grad_
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#setting-requires-grad
    """
    # A name may stand for modules and for parameters, which a condition tells apart.
    assigns = loop.all(Kind.ASSIGN)
    also_others = {e.place for e in assigns if any(s.type is not Type.MODULE or not s.certain for s in e.subjects)}
    for assign in assigns:
        if assign.subject.type is Type.MODULE and assign.place in also_others:
            continue
        on_module = assign.subject.type is Type.MODULE
        # What failed as a module may be a parameter.
        if on_module and loop.inside(assign, Context.HANDLER):
            continue
        meant = assign.options.get(Option.MEANT, assign.how)
        switch = any(thing.type in (Type.PARAMETERS, Type.TENSOR) for thing in assign.subject.ancestry())
        if meant != "requires_grad" or not (assign.subject.certain if on_module else switch and assign.how != meant):
            continue
        value = assign.options.get(Option.WRITTEN, assign.options.get(Option.VALUE, True))
        right = f"{assign.name}.requires_grad_({value})" if on_module else f"{assign.name}.requires_grad = {value}"
        alone = Option.WRITTEN in assign.options
        what = "a module has no such switch" if on_module else "the name is misspelt"
        yield Mistake(
            assign,
            f"`{assign.name}.{assign.how} = {value}` has no effect: {what}",
            fix=safe(f"Write `{right}`", insert_before(assign, right), delete(assign)) if alone else None,
        )
