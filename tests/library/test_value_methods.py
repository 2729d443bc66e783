"""Methods that mean the same on any value."""

from __future__ import annotations

import pytest
from hand_made import object_of
from with_library import reading

from looplint.events import AbstractObject, Fact, Graph, Kind, Type

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES, facts=frozenset((Fact.GRADED,)))
NET = "net = nn.Linear(2, 2)\n"


def test_the_number_of_a_loss_has_no_graph_and_is_cut_off() -> None:
    number = object_of(reading("x = loss.item()", loss=LOSS), "x")
    assert number.graph is Graph.NO
    assert {Fact.CUT_OFF, Fact.LOSS_VALUE} <= number.facts


def test_a_detached_loss_is_so_on_purpose() -> None:
    detached = object_of(reading("x = loss.detach()", loss=LOSS), "x")
    assert detached.graph is Graph.NO and Fact.DETACHED in detached.facts


@pytest.mark.parametrize(
    ("statement", "events"),
    [
        ("weight.grad.zero_()", ["CLEAR grad.zero_"]),
        ("weight.grad.mul_(0.5)", ["READ grad scaled"]),
        ("weight.grad.copy_(other)", ["CLEAR grad", "BACKWARD grad"]),
        ("weight.grad.add_(other)", ["BACKWARD grad"]),
        ("weight.data.zero_()", []),
    ],
)
def test_what_is_done_to_gradients(statement: str, events: list[str]) -> None:
    weight = AbstractObject(Type.PARAMETERS, "weight", certain=True)
    found = reading(statement, weight=weight).graph.all(Kind.CLEAR, Kind.READ, Kind.BACKWARD)
    assert [f"{event.kind} {event.how}" for event in found if event.place.text != "weight.grad"] == events


@pytest.mark.parametrize("move", ["to(device)", "cuda()", "half()"])
def test_a_network_that_is_moved_is_the_same(move: str) -> None:
    reader = reading(NET + f"moved = net.{move}")
    assert object_of(reader, "moved") is object_of(reader, "net")
