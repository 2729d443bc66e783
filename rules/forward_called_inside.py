"""LOOP310: see `forward_called_inside`."""

from collections.abc import Iterator

from looplint.events import Caller, EventGraph, Kind, Option
from looplint.rule import NOTE, Mistake, rule

WHERE = {
    Caller.ITSELF: "the module's own method calls the `forward`",
    Caller.NETWORK: "a part of the network is run by the `forward`",
    Caller.TEST: "a test calls the `forward`",
}


@rule("LOOP310", severity=NOTE, off=True, needs=[Kind.FORWARD])
def forward_called_inside(loop: EventGraph) -> Iterator[Mistake]:
    """A network calls `forward` of itself or of one of its parts, or a test does: hooks do not run there.

    What it does
    ------------
    Looks for `self.forward(...)` in a module's own methods, for `self.layer.forward(...)` where one module runs a part
    of itself, and for `.forward(...)` in tests. In training, validation and inference code the same call is
    `direct-forward-call` (LOOP301).

    Why is this bad?
    ----------------
    Most often it is not: nobody has put a hook on the part. It becomes a mistake on the day that somebody does: feature
    extractors, profilers, old-style weight and spectral norm, pruning and FSDP put hooks on parts of a network, and a
    hook counts 0 calls there.

    Example
    -------
    ```python
    class Classifier(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = torch.nn.Linear(8, 4)

        def forward(self, x):
            return torch.relu(self.encoder.forward(x))
    ```

    Use instead
    -----------
    ```python
    class Classifier(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = torch.nn.Linear(8, 4)

        def forward(self, x):
            return torch.relu(self.encoder(x))
    ```

    Known limits
    ------------
    Off by default: select it by its code or name where hooks on parts matter. There is no fix: whether `self(x)` means
    the same depends on the classes that override `__call__`.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/notes/modules.html#module-hooks
    """
    for call in loop.all(Kind.FORWARD):
        where = WHERE.get(call.options[Option.CALLER])
        if call.subject.certain and where:
            yield Mistake(call, f"{where} of `{call.name}`: hooks on it do not run", help=f"call `{call.name}` itself")
