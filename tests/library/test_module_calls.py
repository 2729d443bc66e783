"""Calls of modules and of criteria: predictions and losses."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of
from with_library import reading

from looplint.events import Fact, Graph, Kind, Option

OWN = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def forward(self, x):
        return {returned}
net = Net()
y = net(x)
"""


def test_a_call_is_one_prediction_however_many_layers_are_inside() -> None:
    reader = reading(OWN.format(returned="self.layer(x)"))
    assert happened(reader, Kind.PREDICT) == [(Kind.PREDICT, "net")]
    assert object_of(reader, "y").comes_from(object_of(reader, "net.layer"))


def test_the_result_is_what_forward_returns() -> None:
    assert object_of(reading(OWN.format(returned="self.layer(x).detach()")), "y").graph is Graph.NO
    assert object_of(reading(OWN.format(returned="self.layer(x)")), "y").graph is Graph.YES


@pytest.mark.parametrize(
    ("module", "linear"),
    [
        ("nn.Linear(1, 1)", True),
        ("nn.Sequential(nn.ReLU(), nn.Linear(1, 1))", True),
        ("nn.Sequential(nn.Linear(1, 1), nn.ReLU())", False),
    ],
)
def test_the_last_layer_says_what_comes_out(module: str, linear: bool) -> None:
    assert (Fact.LINEAR_OUTPUT in object_of(reading(f"net = {module}\ny = net(x)"), "y").facts) is linear


def test_a_frozen_network_gives_the_graph_of_its_input() -> None:
    reader = reading("net = nn.Linear(1, 1)\nnet.requires_grad_(False)\ny = net(torch.zeros(1, 1))")
    assert object_of(reader, "y").graph is Graph.NO


def test_a_criterion_grades_a_prediction_against_a_target() -> None:
    reader = reading("criterion = nn.MSELoss()\nnet = nn.Linear(1, 1)\nloss = criterion(net(x), y)")
    (grade,) = reader.graph.all(Kind.GRADE)
    assert grade.inputs[0].comes_from(object_of(reader, "net"))
    assert {Fact.GRADED, Fact.BATCH_MEAN} <= object_of(reader, "loss").facts
    assert Fact.ELEMENTWISE in object_of(reader, "criterion").facts


@pytest.mark.parametrize(("reduction", "mean"), [("", True), ("reduction='sum'", False), ("reduction='mean'", True)])
def test_which_losses_are_means_over_the_batch(reduction: str, mean: bool) -> None:
    loss = object_of(reading(f"criterion = nn.MSELoss({reduction})\nloss = criterion(a, b)"), "loss")
    assert (Fact.BATCH_MEAN in loss.facts) is mean


def test_a_result_that_nobody_uses_is_dropped() -> None:
    made = "net = nn.Linear(1, 1)\n"
    dropped = {
        code: reading(made + code).graph.all(Kind.PREDICT)[0].options[Option.DROPPED]
        for code in ("net(x)", "y = net(x)", "y = net(x)\nprint(y)")
    }
    assert list(dropped.values()) == [True, True, False]


def test_wrappers_that_hold_each_other_are_called_as_one_module() -> None:
    reader = reading(
        "for fold in folds:\n"
        "    model = torch.nn.parallel.DistributedDataParallel(model)\n"
        "    y = model(x)\n"
        "    model = torch.nn.parallel.DistributedDataParallel(model)\n"
        "    z = model(x)\n"
    )
    assert [kind for kind, _ in happened(reader, Kind.PREDICT)] == [Kind.PREDICT, Kind.PREDICT]
