"""Evaluation that autograd records, and whether it needs the graph."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of, last_prediction

from looplint.events import Event, EventGraph, LoopScope, Place
from looplint.events.queries.gradients import recorded_evaluation as queries


def validated(body: str, before: str = "model.eval()") -> tuple[EventGraph, Event, LoopScope]:
    graph = graph_of(f"{before}\nfor x, y in val_loader:\n    {body}\n")
    predict = last_prediction(graph)
    return graph, predict, predict.loops[0]


@pytest.mark.parametrize(
    ("body", "recorded"),
    [
        ("total = model(x)", True),
        ("with torch.no_grad(): total = model(x)", False),
        ("x.requires_grad_()\n    total = model(x)", False),
        ("total = torch.autograd.grad(model(x).sum(), x)", False),
    ],
    ids=["plain", "no_grad", "input with gradients", "differentiated"],
)
def test_a_prediction_that_is_recorded(body: str, recorded: bool) -> None:
    graph, predict, scope = validated(body)
    assert queries.is_recorded(graph, predict, scope, graph.differentiated()) is recorded


def test_a_frozen_network_records_nothing() -> None:
    graph, predict, scope = validated("total = model(x)", "model.requires_grad_(False)")
    assert not queries.is_recorded(graph, predict, scope, [])


@pytest.mark.parametrize(
    ("body", "expected"), [("total = model(x)", True), ("model(x).sum().backward()\n    total = model(x)", False)]
)
def test_a_loop_that_needs_no_graph(body: str, expected: bool) -> None:
    graph, predict, scope = validated(body)
    assert queries.needs_no_graph(graph, predict, scope, predict.place, graph.differentiated()) is expected


def test_the_call_that_evaluates_with_the_code_that_also_trains() -> None:
    graph = graph_of(
        """
        def predicted(x):
            return model(x)
        for x, y in loader:
            predicted(x).sum().backward()
        for x, y in val_loader:
            total = predicted(x)
    """,
        name="<module>",
    )
    predict = last_prediction(graph)
    found = queries.evaluating_call(graph, predict, predict.loops[0], graph.differentiated())
    assert isinstance(found, Place) and found.text == "predicted(x)" and found.row == 14
