"""Values that are kept with their autograd graph."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import AbstractObject, Event, EventGraph
from looplint.events.queries.gradients import kept_graphs as queries


def kept(code: str, trained: str = "out.sum().backward()") -> tuple[EventGraph, Event, AbstractObject]:
    graph = graph_of(f"""
        total, rows = 0, []
        for x, y in loader:
            out = model(x)
            loss = F.mse_loss(out, y)
            {trained}
            {code}
        print(total, rows)
    """)
    ((keep, value),) = graph.kept_with_graph()
    return graph, keep, value


@pytest.mark.parametrize(
    ("code", "loss"), [("total += out.sum()", True), ("rows.append(loss)", True), ("rows.append(out)", False)]
)
def test_what_is_a_loss(code: str, loss: bool) -> None:
    assert queries.is_loss(*kept(code)) is loss


@pytest.mark.parametrize(
    ("trained", "freed"),
    [("out.sum().backward()", True), ("print()", False), ("out.sum().backward(retain_graph=True)", False)],
)
def test_a_graph_that_each_batch_frees(trained: str, freed: bool) -> None:
    assert queries.is_freed(*kept("rows.append(out)", trained)) is freed


@pytest.mark.parametrize(("value", "several"), [("loss", False), ("torch.stack([loss])", True)])
def test_a_value_of_several_elements(value: str, several: bool) -> None:
    _, keep, kept_value = kept(f"rows.append({value})")
    assert queries.holds_several(keep, kept_value) is several


@pytest.mark.parametrize(("before", "meant"), [("torch.no_grad()", True), ("print()", False)])
def test_a_sum_over_an_evaluation(before: str, meant: bool) -> None:
    graph = graph_of(f"""
        total = 0
        {before}
        for x, y in loader:
            total += F.mse_loss(model(x), y)
        print(total)
    """)
    ((keep, loss),) = graph.kept_with_graph()
    assert queries.is_meant_without_graph(graph, keep) is meant
    assert queries.is_predicted_each_time(graph, keep, loss) and queries.validates(graph, keep)
    assert not queries.is_within_one_call(graph, keep) and not queries.is_for_a_network(graph, keep)


@pytest.mark.parametrize(("behind", "expected"), [("optimizer.step()", True), ("print(total)", False)])
def test_a_sum_for_a_step(behind: str, expected: bool) -> None:
    graph = graph_of(f"total = 0\nfor x, y in loader:\n    total += F.mse_loss(model(x), y)\n{behind}\n")
    ((keep, _),) = graph.kept_with_graph()
    assert queries.is_for_a_step(graph, keep) is expected
