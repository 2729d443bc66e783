"""The terms of a loss: which networks each of them reaches, and which of them have no graph."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind, Type
from looplint.events.queries.gradients import loss_terms as queries


@pytest.mark.parametrize(("features", "lost"), [("model(x).detach()", True), ("model(x)", False)])
def test_a_term_that_reaches_only_the_network_of_another_optimizer(features: str, lost: bool) -> None:
    graph = graph_of(f"""
        judge = nn.Linear(3, 3)
        judging = torch.optim.SGD(judge.parameters(), lr=0.1)
        for x, y in loader:
            loss = F.l1_loss(model(x), y) + F.mse_loss(judge({features}), judge(x))
            loss.backward()
            optimizer.step()
            judging.zero_grad()
            judge(model(x).detach()).mean().backward()
            judging.step()
    """)
    optimizers = [make.subject for make in graph.made(Type.OPTIMIZER)]
    found = list(queries.terms_for_others(graph, graph.all(Kind.BACKWARD)[0], optimizers))
    assert [term.how for term, _ in found] == (["mse_loss"] if lost else [])
    assert all(used == optimizers[:1] for _, used in found)


@pytest.mark.parametrize(
    ("term", "cut"),
    [
        ("F.mse_loss(out.detach(), y)", "it was computed of detached values"),
        ("F.mse_loss(out, y)", None),
        ("0.1", None),
    ],
)
def test_a_term_that_has_no_graph(term: str, cut: str | None) -> None:
    graph = graph_of(f"""
        for x, y in loader:
            out = model(x)
            loss = F.l1_loss(out, y) + {term}
            loss.backward()
            optimizer.step()
    """)
    (backward,) = graph.all(Kind.BACKWARD)
    assert [how for _, how in queries.terms_without_graph(graph, backward)] == ([cut] if cut else [])
