"""What belongs to one update."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events.queries.steps import updates as queries


@pytest.mark.parametrize(("cleared", "expected"), [("optimizer", True), ("model", True), ("other", False)])
def test_what_is_cleared_for_a_step(cleared: str, expected: bool) -> None:
    code = "other = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1)\nother.step()"
    graph = graph_of(f"{code}\n{cleared}.zero_grad()" + TRAINED)
    clear, step = graph.all(Kind.CLEAR)[0], graph.all(Kind.STEP)[-1]
    assert queries.clears_for(graph, clear, step) is expected


def test_what_is_computed_for_a_step() -> None:
    graph = graph_of(TRAINED)
    (predict,), (step,) = graph.all(Kind.PREDICT), graph.all(Kind.STEP)
    made = graph.all(Kind.MAKE)[0]
    assert queries.is_computed_for(graph, predict, step) and not queries.is_computed_for(graph, made, step)


@pytest.mark.parametrize(("back", "number"), [("loss.backward()", 0), ("print(loss)", 2)])
def test_what_is_never_back_propagated(back: str, number: int) -> None:
    graph = graph_of(f"for x, y in loader:\n    loss = F.cross_entropy(model(x), y)\n    {back}\n    optimizer.step()")
    (step,) = graph.all(Kind.STEP)
    assert len(queries.never_back_propagated(graph, step)) == number


@pytest.mark.parametrize(("back", "forgotten"), [("other(x).sum().backward()", False), ("print(other(x))", True)])
def test_a_loss_of_its_own_that_an_optimizer_forgets(back: str, forgotten: bool) -> None:
    graph = graph_of(f"""
        other = nn.Linear(6, 3)
        second = torch.optim.SGD(other.parameters(), lr=1)
        for x, y in loader:
            model(x).sum().backward()
            {back}
            optimizer.step()
            second.step()
    """)
    backward, step = graph.all(Kind.BACKWARD)[0], graph.all(Kind.STEP)[-1]
    assert queries.forgets_a_loss(graph, backward, step) is forgotten


@pytest.mark.parametrize(
    ("first", "second", "lost"), [("optimizer.zero_grad()", "pass", False), ("pass", "optimizer.zero_grad()", True)]
)
def test_gradients_that_are_cleared_before_the_step(first: str, second: str, lost: bool) -> None:
    graph = graph_of(f"""
        for x, y in loader:
            {first}
            model(x).sum().backward()
            {second}
            optimizer.step()
    """)
    (clear,), (step,) = graph.all(Kind.CLEAR), graph.all(Kind.STEP)
    assert (queries.lost_gradients(graph, clear, step) is not None) is lost
