"""LOOP622: see `step_beside_framework`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, How, Kind
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP622", severity=ERROR, preview=True, needs=[Kind.STEP])
def step_beside_framework(loop: EventGraph) -> Iterator[Mistake]:
    """An optimizer or scheduler is stepped by hand, and once more by the framework.

    What it does
    ------------
    Looks for a `training_step` of a LightningModule that steps the result of `self.optimizers()` or
    `self.lr_schedulers()`, and returns a loss, without `self.automatic_optimization = False`.

    Why is this bad?
    ----------------
    With automatic optimization Lightning clears, back-propagates the returned loss, and steps by itself. The step by
    hand is a second update of each batch, or makes a schedule run too fast. Back-propagating the same loss twice raises
    an error; another loss does not.

    Example
    -------
    ```python
    import pytorch_lightning as pl

    class Classifier(pl.LightningModule):
        def training_step(self, batch, index):
            optimizer = self.optimizers()
            optimizer.zero_grad()
            self.manual_backward(self.loss(batch))
            optimizer.step()
            return self.loss(batch)

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())
    ```

    Use instead
    -----------
    ```python
    import pytorch_lightning as pl

    class Classifier(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.automatic_optimization = False

        def training_step(self, batch, index):
            optimizer = self.optimizers()
            optimizer.zero_grad()
            self.manual_backward(self.loss(batch))
            optimizer.step()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())
    ```

    Known limits
    ------------
    Optimizers that the class keeps by itself, beside those of `configure_optimizers`, are not reported, nor is a
    scheduler where `lr_scheduler_step` is overridden. Where no loss is returned, the framework makes no update.

    References
    ----------
    - https://lightning.ai/docs/pytorch/stable/model/manual_optimization.html
    - https://lightning.ai/docs/pytorch/stable/common/lightning_module.html#automatic-optimization
    """
    automatic = loop.all(Kind.STEP, how=How.FRAMEWORK)
    for step in loop.all(Kind.STEP, Kind.SCHEDULE):
        if Fact.OF_FRAMEWORK not in step.subject.facts or step in automatic:
            continue
        if path := loop.path(step, to=automatic):
            yield Mistake(
                step,
                f"`{step.name}` steps here, and the framework steps it by itself",
                path.with_notes("a step by hand", "the framework's step with the returned loss"),
                help="set `self.automatic_optimization = False` to do it by hand, or leave it to the framework",
            )
