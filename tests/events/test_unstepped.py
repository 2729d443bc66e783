"""Whether an optimizer that never steps here may step elsewhere."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events.queries.steps import unstepped as queries


@pytest.mark.parametrize(("cleared", "through"), [("optimizer", True), ("model", True), ("other", False)])
def test_the_optimizer_that_is_cleared(cleared: str, through: bool) -> None:
    graph = graph_of(f"other = nn.Linear(6, 3)\n{cleared}.zero_grad()" + TRAINED)
    (step,), clear = graph.all(Kind.STEP), graph.all(Kind.CLEAR)[0]
    assert (queries.optimizer_cleared(graph, clear) is step.subject) is through


@pytest.mark.parametrize(
    ("behind", "expected"), [("optimizer.step()", True), ("print(model[0].weight.grad)", True), ("pass", False)]
)
def test_what_may_step_or_use_gradients(behind: str, expected: bool) -> None:
    graph = graph_of(f"for x, y in loader:\n    optimizer.zero_grad()\n    model(x).sum().backward()\n    {behind}\n")
    (clear,) = graph.all(Kind.CLEAR)
    assert queries.may_be_stepped(graph, clear.subject) is expected


@pytest.mark.parametrize(("call", "expected"), [("update(model)", True), ("update(x)", False)])
def test_a_network_that_unknown_code_gets_between_two_batches(call: str, expected: bool) -> None:
    graph = graph_of(f"for x, y in loader:\n    optimizer.zero_grad()\n    model(x).sum().backward()\n    {call}\n")
    (clear,) = graph.all(Kind.CLEAR)
    assert queries.network_is_handed_over(graph, clear, clear.subject) is expected


@pytest.mark.parametrize(("behind", "number"), [("optimizer.step()", 0), ("pass", 1)])
def test_gradients_that_are_cleared_again_and_again(behind: str, number: int) -> None:
    graph = graph_of(f"for x, y in loader:\n    optimizer.zero_grad()\n    model(x).sum().backward()\n    {behind}\n")
    assert [name for name, _ in queries.cleared_again(graph)] == ["optimizer"] * number
    assert list(queries.engines_left_idle(graph)) == []


@pytest.mark.parametrize(("use", "number"), [("optimizer.step()", 0), ("pass", 1)])
def test_an_optimizer_that_is_left_idle(use: str, number: int) -> None:
    graph = graph_of(f"for x, y in loader:\n    model(x).sum().backward()\n    {use}\n")
    assert len(list(queries.left_idle(graph))) == number


@pytest.mark.parametrize(("use", "number"), [("engine.step()", 0), ("pass", 1)])
def test_an_engine_that_is_left_idle(use: str, number: int) -> None:
    graph = graph_of(f"""
        import deepspeed
        engine, _, _, _ = deepspeed.initialize(model=model, config="a.json")
        for x, y in loader:
            engine.backward(engine(x).sum())
            {use}
    """)
    assert len(list(queries.engines_left_idle(graph))) == number
