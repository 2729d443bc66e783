"""Gradients of several micro-batches that one step uses."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind
from looplint.events.queries.steps import micro_batches as queries


@pytest.mark.parametrize(("condition", "expected"), [("if i % 4 == 0:", True), ("if True:", False)])
def test_a_step_in_each_fourth_pass_is_for_four_micro_batches(condition: str, expected: bool) -> None:
    graph = graph_of(f"""
        for i, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            {condition}
                optimizer.step()
    """)
    (clear,), (step,) = graph.all(Kind.CLEAR), graph.all(Kind.STEP)
    assert queries.accumulates(graph, clear, step) is expected
    assert [*queries.micro_batches(graph, clear, False)] == graph.all(Kind.BACKWARD)
    assert not queries.optimizers_wait(graph, step)


@pytest.mark.parametrize(("condition", "number"), [("True", 1), ("i % 2 == 0", 0)])
def test_the_micro_batches_beside_a_schedule(condition: str, number: int) -> None:
    graph = graph_of(f"""
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
        for i, (x, y) in enumerate(loader):
            if {condition}:
                model(x).sum().backward()
            optimizer.step()
            scheduler.step()
    """)
    (schedule,) = graph.all(Kind.SCHEDULE)
    assert len(queries.micro_batches_beside(graph, schedule)) == number
