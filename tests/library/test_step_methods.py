"""Frameworks' training loops around a method that runs once per batch."""

from __future__ import annotations

import pytest
from with_library import graphs

from looplint.events import EventGraph, Fact, Kind

LIGHTNING = """\
import lightning
class Net(lightning.LightningModule):
    {manual}
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def training_step(self, batch, index):
        loss = F.mse_loss(self.layer(batch), batch)
        {ends}
    def configure_optimizers(self):
        opt = optim.SGD(self.parameters(), 0.1)
        return {returned}
"""


def read(manual: str = "pass", ends: str = "return loss", returned: str = "opt") -> dict[str, EventGraph]:
    """The graphs of the two methods."""
    return graphs(LIGHTNING.format(manual=manual, ends=ends, returned=returned))


def kinds(found: dict[str, EventGraph]) -> list[Kind]:
    wanted = (Kind.CLEAR, Kind.BACKWARD, Kind.STEP, Kind.SCHEDULE, Kind.DISCARD)
    return [event.kind for graph in found.values() for event in graph.all(*wanted)]


@pytest.mark.parametrize("ends", ["return loss", 'return {"loss": loss, "n": 3}'])
def test_the_framework_goes_backward_with_the_loss_that_is_returned(ends: str) -> None:
    assert kinds(read(ends=ends)) == [Kind.CLEAR, Kind.BACKWARD, Kind.STEP]


def test_a_loss_that_is_not_returned_is_discarded() -> None:
    assert kinds(read(ends="self.log('loss', loss)")) == [Kind.DISCARD]


def test_with_manual_optimization_it_does_nothing() -> None:
    assert kinds(read(manual="automatic_optimization = False")) == []


@pytest.mark.parametrize(
    ("returned", "steps"),
    [
        ("[opt], [lr_scheduler.StepLR(opt, 1)]", True),
        ('{"optimizer": opt, "lr_scheduler": lr_scheduler.StepLR(opt, 1)}', True),
        ('{"optimizer": opt, "lr_scheduler": {"scheduler": lr_scheduler.StepLR(opt, 1), "interval": "step"}}', False),
    ],
)
def test_schedulers_that_it_steps_each_epoch(returned: str, steps: bool) -> None:
    assert (Kind.SCHEDULE in kinds(read(returned=returned))) is steps


def test_the_optimizers_of_the_class_are_those_of_the_framework() -> None:
    found = read(manual="automatic_optimization = False", ends="self.optimizers().step()")
    (step,) = [event for graph in found.values() for event in graph.all(Kind.STEP)]
    assert Fact.OF_FRAMEWORK in step.subject.facts
