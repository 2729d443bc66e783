"""Which networks losses go back through, and where the gradients that they leave are used."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind
from looplint.events.queries.gradients import reach as queries

GAN = """
judge = nn.Linear(3, 1)
judging = torch.optim.SGD(judge.parameters(), lr=0.1)
for x, y in loader:
    optimizer.zero_grad()
    judge(model(x)).mean().backward()
    optimizer.step()
    {clear}
    (judge(y) - judge(model(x){detached})).mean().backward()
    judging.step()
"""


@pytest.mark.parametrize(("clear", "leaks"), [("pass", True), ("judging.zero_grad()", False)])
@pytest.mark.parametrize("detached", ["", ".detach()"])
def test_gradients_that_were_left_for_the_other_network(clear: str, detached: str, leaks: bool) -> None:
    graph = graph_of(GAN.format(clear=clear, detached=detached))
    reach = queries.Reach(graph)
    other, step = reach.steps
    found = reach.both(step, other)
    assert found[0] in graph.all(Kind.BACKWARD) and len(found) == (1 if detached else 2)
    assert (reach.leak(found[0], other, step) is not None) is leaks


def test_losses_through_one_network_are_not_compared() -> None:
    assert (
        queries.Reach(graph_of("for x, y in loader:\n    model(x).sum().backward()\n    optimizer.step()")).steps == []
    )


@pytest.mark.parametrize(("turned", "switched"), [("judge", True), ("unrelated", False)])
def test_gradients_that_are_turned_off(turned: str, switched: bool) -> None:
    code = f"unrelated = nn.Linear(2, 2)\n{turned}.requires_grad_(False)\n"
    graph = graph_of(GAN.format(clear="pass", detached="") + code)
    assert queries.is_switched(graph, graph.all(Kind.STEP)[-1].subject) is switched


@pytest.mark.parametrize(("argument", "number"), [("", 1), ("inputs=list(model.parameters())", 0)])
def test_the_predictions_behind_a_backward(argument: str, number: int) -> None:
    graph = graph_of(f"for x, y in loader:\n    model(x).sum().backward({argument})\n    optimizer.step()")
    (backward,) = graph.all(Kind.BACKWARD)
    assert len(queries.predictions_behind(graph, backward)) == number
