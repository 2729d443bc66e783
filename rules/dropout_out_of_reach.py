"""LOOP312: see `dropout_out_of_reach`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, How, Kind, Option
from looplint.rule import ERROR, Mistake, replace, rule, safe


@rule("LOOP312", severity=ERROR, needs=[Kind.UNSWITCHED])
def dropout_out_of_reach(graph: EventGraph) -> Iterator[Mistake]:
    """Dropout that `train()` and `eval()` do not control: active in evaluation, or never again.

    What it does
    ------------
    Looks at the code that a module's `forward` runs for a dropout module that is constructed there, for a class that
    draws a dropout mask itself and never reads `self.training`, for one that adds noise so although it says that it
    regularises, and for a rate that is set to 0 in evaluation mode and never set back.

    Why is this bad?
    ----------------
    A new module is in training mode, and `model.eval()` switches only registered ones: two evaluations of the same
    input give different outputs. A rate that stays 0 disables dropout after the first validation. No warning is given.

    Example
    -------
    ```python
    def forward(self, x):
        x = nn.Dropout(0.5)(self.backbone(x))
        return self.fc(x)
    ```

    Use instead
    -----------
    ```python
    def forward(self, x):
        x = nn.functional.dropout(self.backbone(x), 0.5, training=self.training)
        return self.fc(x)
    ```

    Or make it in `__init__`, `self.dropout = nn.Dropout(0.5)`, and call it in `forward`.

    Known limits
    ------------
    Dropout that acts in evaluation on purpose (Monte Carlo dropout) is recognised by what the class, the method or a
    comment says. A class that draws the mask itself is reported if its name says dropout, or if it divides by the share
    it keeps; one with any setting that may decide when it is active is not. Noise that is multiplied by counts only in
    a class that is named as a dropout; noise that is added only where the class or a comment in it says that it
    regularises or acts in training: most classes that add noise augment data, or mean it always.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval
    """
    for dropout in graph.all(Kind.UNSWITCHED):
        if graph.inside(dropout, Context.BY_MODE) or dropout.options.get(Option.ON_PURPOSE):
            continue
        mended = dropout.options.get(Option.MENDED)
        message, help = MESSAGES[How(dropout.how)]
        yield Mistake(
            dropout,
            message.format(name=dropout.name, method=f"{dropout.object}.{dropout.function}"),
            help=help,
            fix=safe("Pass `training=self.training`", replace(dropout, mended)) if mended else None,
        )


MESSAGES = {
    How.CONSTRUCTED: (
        "`{name}` is made in `{method}`, always in training mode: it is active in evaluation, too",
        "make it in `__init__`, as an attribute of `self`",
    ),
    How.MASK_DRAWN: (
        "`{method}` drops values and never reads `self.training`: it is active in evaluation, too",
        "return the input as it is where `not self.training`",
    ),
    How.NOISE_ADDED: (
        "`{method}` adds noise and never reads `self.training`: it is active in evaluation, too",
        "return the input as it is where `not self.training`",
    ),
    How.RATE_SET: (
        "`{name}` is set to 0 in evaluation and never restored: after that, dropout is off in training, too",
        "leave the rate as it is: `nn.Dropout` does nothing in evaluation mode",
    ),
}
