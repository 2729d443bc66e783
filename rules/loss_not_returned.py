"""LOOP508: see `loss_not_returned`."""

from collections.abc import Iterator

from looplint.events import EventGraph, How, Kind, Trace
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP508", severity=ERROR, preview=True, needs=[Kind.DISCARD])
def loss_not_returned(loop: EventGraph) -> Iterator[Mistake]:
    """A `training_step` computes a loss and does not return it, so that nothing is trained.

    What it does
    ------------
    Looks for a `training_step` of a LightningModule with automatic optimization that computes a loss and ends without
    returning anything, on all paths, or in one of several arms that compute a loss.

    Why is this bad?
    ----------------
    Lightning back-propagates the result of `training_step`. Without it every step is skipped: the weights do not
    change, the logged loss stays constant, and `fit` ends as usual.

    Example
    -------
    ```python
    import pytorch_lightning as pl

    class Classifier(pl.LightningModule):
        def training_step(self, batch, index):
            inputs, targets = batch
            loss = torch.nn.functional.cross_entropy(self(inputs), targets)
            self.log("loss", loss)

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())
    ```

    Use instead
    -----------
    ```python
    import pytorch_lightning as pl

    class Classifier(pl.LightningModule):
        def training_step(self, batch, index):
            inputs, targets = batch
            loss = torch.nn.functional.cross_entropy(self(inputs), targets)
            self.log("loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())
    ```

    Known limits
    ------------
    An explicit `return None` skips the batch on purpose, as does a condition with a `return` and no `else`. A class
    with an unknown base class, or without `configure_optimizers`, is not reported.

    References
    ----------
    - https://lightning.ai/docs/pytorch/stable/common/lightning_module.html#training-step
    """
    for end in loop.all(Kind.DISCARD):
        if end.how != How.NOT_RETURNED:
            continue
        grade = next((grade for grade in loop.all(Kind.GRADE) if grade.object is end.subject), None)
        yield Mistake(
            grade or end,
            "the loss is not returned: the framework skips this step",
            Trace((grade, end), ("the loss is computed", "the method ends without it")) if grade else None,
            help="return the loss at the end of the method",
        )
