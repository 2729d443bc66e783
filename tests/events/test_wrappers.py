"""Predictions past the wrapper of a module."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import EventGraph
from looplint.events.queries.ownership import wrappers as queries


def wrapped(callee: str, behind: str = "pass") -> EventGraph:
    return graph_of(f"""
        parallel = nn.parallel.DistributedDataParallel(model)
        for x, y in loader:
            optimizer.zero_grad()
            {callee}(x).sum().backward()
            {behind}
            optimizer.step()
    """)


@pytest.mark.parametrize(
    ("callee", "behind", "number"),
    [
        ("model", "pass", 1),
        ("parallel.module", "pass", 1),
        ("parallel", "pass", 0),
        ("model", "average(model[0].weight.grad)", 0),
    ],
    ids=["module", "attribute", "wrapper", "averaged by hand"],
)
def test_predictions_past_the_wrapper(callee: str, behind: str, number: int) -> None:
    graph = wrapped(callee, behind)
    (wrapper,) = queries.averaging_wrappers(graph)
    found = [predict for predict, _ in queries.trained_past(graph, wrapper)]
    assert len(found) == number
    assert all(queries.is_made_beside(graph, wrapper, predict) for predict in found)


@pytest.mark.parametrize(("callee", "number"), [("model.module", 1), ("model", 0)])
def test_predictions_past_the_wrapper_of_a_framework(callee: str, number: int) -> None:
    graph = graph_of(f"""
        from lightning.fabric import Fabric
        fabric = Fabric(strategy="ddp", devices=2)
        model, optimizer = fabric.setup(model, optimizer)
        for x, y in loader:
            fabric.backward({callee}(x).sum())
            optimizer.step()
    """)
    assert len(list(queries.trained_past_framework(graph))) == number
