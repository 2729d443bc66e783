"""LOOP301: see `direct_forward_call`."""

from collections.abc import Iterator

from looplint.events import Caller, EventGraph, Fact, Kind, Option, Place
from looplint.rule import WARNING, Mistake, replace, rule, safe


@rule("LOOP301", severity=WARNING, needs=[Kind.FORWARD])
def direct_forward_call(loop: EventGraph) -> Iterator[Mistake]:
    """A module's `forward` is called directly, so that its hooks do not run.

    What it does
    ------------
    Looks for `.forward(...)` in training, validation and inference code, on objects that are known to be
    `torch.nn.Module`s: built from a module class, or annotated as one.

    Why is this bad?
    ----------------
    Calling the module runs its hooks around `forward`; calling `forward` runs none of them: a counting hook counts 0
    where it should count 1. Old-style weight and spectral norm, profilers, feature extractors, FSDP and full backward
    hooks depend on them. `torch.compile` and the gradient synchronisation of `DistributedDataParallel` are not
    skipped on current PyTorch.

    Example
    -------
    ```python
    outputs = model.forward(inputs)
    ```

    Use instead
    -----------
    ```python
    outputs = model(inputs)
    ```

    Known limits
    ------------
    Objects that only look like a module are not reported: plain classes and autograd functions have a `forward`, too.
    Neither are `super().forward(...)`, `Base.forward(self, ...)`, and a wrapper's own `forward` that delegates. Nothing
    is reported where hooks cannot matter: a compiled module runs the hooks of the module inside, Fabric's wrapper calls
    the module itself, nobody wraps a module without parameters, such as a loss, and classes with a `__call__` of their
    own (gpytorch's modules among them) decide there. A
    network's calls of itself or of its parts, and calls in tests, are `forward-called-inside` (LOOP310).

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.forward
    - https://docs.pytorch.org/docs/stable/notes/modules.html#module-hooks
    """
    for call in loop.all(Kind.FORWARD):
        # Nobody wraps what has no parameters, as a loss.
        if Fact.NO_PARAMETERS in call.subject.facts:
            continue
        if call.subject.certain and call.options[Option.CALLER] is Caller.CODE:
            callee = call.options.get(Option.CALLEE)
            fix = safe(f"Call `{call.name}` itself", replace(callee, call.name)) if isinstance(callee, Place) else None
            yield Mistake(call, f"`{call.name}.forward` is called directly: hooks on `{call.name}` do not run", fix=fix)
