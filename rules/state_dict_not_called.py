"""LOOP902: see `state_dict_not_called`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.rule import ERROR, Mistake, rule, safe, suffix


@rule("LOOP902", severity=ERROR, needs=[Kind.REFERENCE])
def state_dict_not_called(loop: EventGraph) -> Iterator[Mistake]:
    """The method `state_dict` is saved or loaded instead of its result.

    What it does
    ------------
    Looks for `model.state_dict` without parentheses (of a model, an optimizer or a scheduler) that is passed to
    `torch.save`, alone or inside a dictionary, or to `load_state_dict`.

    Why is this bad?
    ----------------
    `torch.save` writes the bound method, and with it the whole object, without an error. The file cannot be used as a
    state: `load_state_dict` raises a TypeError, and loading with `weights_only=True` (the default) refuses it.

    Example
    -------
    ```python
    torch.save({"model": model.state_dict, "epoch": epoch}, path)
    ```

    Use instead
    -----------
    ```python
    torch.save({"model": model.state_dict(), "epoch": epoch}, path)
    ```

    Known limits
    ------------
    The method passed to code other than `torch.save` and `load_state_dict` may be called there.

    References
    ----------
    - https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
    - https://docs.pytorch.org/docs/stable/generated/torch.load.html
    """
    for reference in loop.all(Kind.REFERENCE):
        if reference.how == "state_dict":
            method = reference.place.text or reference.name
            yield Mistake(
                reference,
                f"`{method}` is not called: the method is used instead of the state",
                fix=safe(f"Call `{method}()`", suffix(reference, "()")),
            )
