"""Gradient scalers: what is scaled or unscaled twice without an update."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import EventGraph, Kind
from looplint.events.queries.steps import scaling as queries


def scaled(behind: str, first: str = "print()", made: str = "") -> EventGraph:
    return graph_of(f"""
        scaler = torch.amp.GradScaler({made})
        for x, y in loader:
            optimizer.zero_grad()
            scaler.scale(model(x).sum()).backward()
            {first}
            scaler.step(optimizer)
            {behind}
    """)


@pytest.mark.parametrize(
    ("made", "behind", "found"),
    [("", "print()", True), ("", "scaler.update()", False), ("enabled=False", "print()", False)],
)
def test_a_scaler_that_steps_again(made: str, behind: str, found: bool) -> None:
    graph = scaled(behind, made=made)
    (step,) = graph.all(Kind.STEP)
    assert (queries.stepped_again(graph, step) is not None) is found


@pytest.mark.parametrize(
    ("first", "number"),
    [("scaler.unscale_(optimizer); scaler.unscale_(optimizer)", 1), ("scaler.unscale_(optimizer)", 0)],
)
def test_gradients_that_are_unscaled_again(first: str, number: int) -> None:
    graph = scaled("scaler.update()", first)
    assert len({unscale.node for unscale, _ in queries.unscaled_again(graph)}) == number
