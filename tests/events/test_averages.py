"""Optimizers that keep an average of the weights."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import EventGraph, Kind
from looplint.events.queries.steps import averages as queries


def averaged(before: str, behind: str) -> EventGraph:
    return graph_of(f"""
        import schedulefree
        optimizer = schedulefree.AdamWScheduleFree(model.parameters())
        for epoch in range(3):
            optimizer.train()
            for x, y in loader:
                model(x).sum().backward()
                optimizer.step()
            {before}
            model.eval()
            {behind}
    """)


@pytest.mark.parametrize(
    ("behind", "kinds"),
    [
        ("for x, y in val_loader: print(model(x))", [Kind.PREDICT]),
        ("torch.save(model.state_dict(), 'a')", [Kind.SAVE]),
        ("torch.save({'a': model.state_dict(), 'b': optimizer.state_dict()}, 'a')", []),
    ],
)
def test_where_the_average_is_meant(behind: str, kinds: list[Kind]) -> None:
    graph = averaged("pass", behind)
    (optimizer,) = queries.averaging_optimizers(graph)
    assert [use.kind for use in queries.uses_of_average(graph, optimizer)] == kinds


@pytest.mark.parametrize(("restored", "number"), [("average.restore(model.parameters())", 0), ("print()", 1)])
def test_an_average_that_is_copied_over_the_trained_weights(restored: str, number: int) -> None:
    graph = graph_of(f"""
        from torch_ema import ExponentialMovingAverage
        average = ExponentialMovingAverage(model.parameters(), decay=0.9)
        for epoch in range(3):
            for x, y in loader:
                model(x).sum().backward()
                optimizer.step()
            average.store(model.parameters())
            average.copy_to(model.parameters())
            {restored}
    """)
    assert len(list(queries.overwritten(graph))) == number
