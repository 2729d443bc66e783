"""What loops iterate over."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of, last_prediction

from looplint.events import Kind
from looplint.events import iterables as queries


@pytest.mark.parametrize(
    ("head", "found"), [("for model in [model, model]", True), ("for x, y in loader", False)], ids=["models", "batches"]
)
def test_a_loop_over_the_subject_of_an_event(head: str, found: bool) -> None:
    predict = last_prediction(graph_of(f"{head}:\n    print(model(x))"))
    assert queries.iterates_over_subject(predict, predict.loops[0]) is found


@pytest.mark.parametrize(("over", "found"), [("model(x)", True), ("loader", False)])
def test_a_loop_over_what_a_network_predicted(over: str, found: bool) -> None:
    graph = graph_of(f"for row in {over}:\n    print(F.relu(row))\n    optimizer.step()")
    (step,) = graph.all(Kind.STEP)
    assert queries.iterates_over_outputs(graph, step.loops[0]) is found


@pytest.mark.parametrize(("over", "found"), [("x", True), ("others", False)])
def test_a_loop_over_the_parts_of_a_batch(over: str, found: bool) -> None:
    predict = last_prediction(graph_of(f"for x, y in loader:\n    for part in {over}:\n        print(model(part))"))
    assert queries.is_of_one_batch(predict, predict.loops[0]) is found
