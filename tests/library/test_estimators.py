"""Estimators: objects of a library that make a network and a criterion of classes."""

from __future__ import annotations

import pytest
from with_library import graphs

from looplint.events import Fact, Kind

CODE = """\
from skorch import NeuralNetClassifier
class Net(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        self.layer = nn.Linear(width, 2)
    def forward(self, inputs):
        return torch.softmax(self.layer(inputs), dim=1)
net = NeuralNetClassifier({})
"""


def graded(arguments: str) -> list[tuple[str, bool]]:
    """The criteria that get a result, and whether it is that of a softmax."""
    events = [event for graph in graphs(CODE.format(arguments)).values() for event in graph.all(Kind.GRADE)]
    return [(event.subject.constructor, Fact.SOFTMAX in event.inputs[0].facts) for event in events]


@pytest.mark.parametrize(
    "arguments", ["Net, criterion=nn.CrossEntropyLoss", "Net, nn.CrossEntropyLoss", "Net, nn.CrossEntropyLoss, lr=0.1"]
)
def test_the_criterion_gets_what_the_network_returns(arguments: str) -> None:
    assert graded(arguments) == [("torch.nn.CrossEntropyLoss", True)]


@pytest.mark.parametrize("arguments", ["Net", "Net, criterion=own_criterion", "unknown, criterion=nn.CrossEntropyLoss"])
def test_unknown_arguments_give_nothing(arguments: str) -> None:
    assert graded(arguments) == []
