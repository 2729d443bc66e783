"""Methods of objects of unknown classes: by type, then by name, and else as unknown code."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of
from with_library import reading

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Type

OUTPUT = AbstractObject(Type.TENSOR, "output", certain=True, graph=Graph.YES)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [("optimizer.step()", Kind.STEP), ("scheduler.step()", Kind.SCHEDULE), ("loss.backward()", Kind.BACKWARD)],
)
def test_the_type_decides_what_a_method_means(statement: str, kind: Kind) -> None:
    name = statement.partition(".")[0]
    assert happened(reading(statement), Kind.STEP, Kind.SCHEDULE, Kind.BACKWARD) == [(kind, name)]


def test_a_use_that_tells_the_type_decides_for_the_rest() -> None:
    reader = reading("thing = given()\nthing.zero_grad()\nthing.param_groups\nthing.step()")
    assert [kind for kind, _ in happened(reader, Kind.CLEAR, Kind.STEP)] == [Kind.CLEAR, Kind.STEP]


def test_what_a_tensor_method_returns_is_computed_of_the_tensor() -> None:
    result = object_of(reading("x = output.pow(2).mean()", output=OUTPUT), "x")
    assert result.graph is Graph.YES and result.comes_from(OUTPUT)
    assert {Fact.SQUARES, Fact.BATCH_MEAN} <= result.facts


def test_apply_calls_its_function_with_a_part_of_the_module() -> None:
    reader = reading("net = nn.Linear(1, 1)\ndef init(m):\n    m.train(False)\nnet.apply(init)")
    assert [event.kind for event in reader.graph.all(Kind.EVAL)] == [Kind.EVAL]


def test_a_tensor_read_element_by_element_costs() -> None:
    code = "y = nn.Linear(3, 3)(x)\nfor i in range(9):\n    z = y[i].item()"
    assert [event.how for event in reading(code).graph.all(Kind.COST)] == [How.ELEMENT_READ]
    assert reading(code.replace("y[i]", "y[0]")).graph.all(Kind.COST) == []
