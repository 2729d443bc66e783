"""What is done again in each pass of a loop."""

from __future__ import annotations

from textwrap import indent

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events.queries.loops import repetition as queries


def test_the_loader_that_each_epoch_goes_over_again() -> None:
    graph = graph_of("for epoch in range(3):" + indent(TRAINED, "    "))
    ((loader, epochs, batches),) = queries.repetitions(graph)
    assert (loader.name, epochs.target) == ("loader", "epoch")
    assert batches is not None and batches.outer is epochs


def test_a_loader_that_is_gone_over_once_is_no_repetition() -> None:
    assert [*queries.repetitions(graph_of(TRAINED))] == []


@pytest.mark.parametrize(("made", "expected"), [("", True), ("    model = nn.Linear(2, 2)\n", False)])
def test_a_model_that_is_made_before_a_loop(made: str, expected: bool) -> None:
    graph = graph_of(f"for fold in range(3):\n{made}    model(fold)")
    (predict,) = graph.all(Kind.PREDICT)
    assert queries.made_before(graph, graph.iterations[0], predict.subject) is expected


def test_a_batch_that_each_pass_predicts_with() -> None:
    graph = graph_of("for i in range(3):\n    x, y = next(iter(loader))\n    F.cross_entropy(model(x), y).backward()")
    (fetch,) = graph.all(Kind.FETCH)
    assert queries.predicts_with_each(graph, fetch, fetch.loops[-1])
    assert not queries.is_for_each_network(graph, fetch, fetch.loops[-1])


@pytest.mark.parametrize(("made", "expected"), [("model = nn.Linear(6, 3)", True), ("print(i)", False)])
def test_a_model_that_each_pass_makes_is_another_trial(made: str, expected: bool) -> None:
    graph = graph_of(f"""
        for i in range(3):
            {made}
            optimizer = torch.optim.Adam(model.parameters())
            loss = model(x).sum()
            loss.backward()
            optimizer.step()
    """)
    make = [one for one in graph.all(Kind.MAKE) if one.subject.name == "optimizer"][-1]
    assert queries.is_another_trial(graph, make, make.loops[-1]) is expected
