"""What optimizers hold, and which gradients their steps use."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events import optimizers as queries


def test_a_layer_that_is_replaced_brings_parameters_that_the_optimizer_does_not_hold() -> None:
    graph = graph_of("model.head = nn.Linear(3, 3)\nmodel.rate = 3" + TRAINED)
    head, rate = graph.all(Kind.ASSIGN)
    (make,) = (one for one in graph.all(Kind.MAKE) if one.subject.name == "optimizer")
    assert queries.brings_parameters(graph, head) and not queries.brings_parameters(graph, rate)
    assert queries.holds_replaced(graph, make.subject, head)


@pytest.mark.parametrize(("cleared", "expected"), [("optimizer", True), ("model", True), ("other", False)])
def test_what_is_cleared_for_a_step(cleared: str, expected: bool) -> None:
    code = "other = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1)\nother.step()"
    graph = graph_of(f"{code}\n{cleared}.zero_grad()" + TRAINED)
    clear, step = graph.all(Kind.CLEAR)[0], graph.all(Kind.STEP)[-1]
    assert queries.clears_for(graph, clear, step) is expected


def test_the_predictions_behind_a_backward_and_whose_optimizer_is_cleared() -> None:
    graph = graph_of(TRAINED)
    (backward,), (clear,), (step,) = graph.all(Kind.BACKWARD), graph.all(Kind.CLEAR), graph.all(Kind.STEP)
    assert queries.predictions_behind(graph, backward) == graph.all(Kind.PREDICT)
    assert queries.optimizer_cleared(graph, clear) is step.subject
    assert queries.steps_one(graph, step) and queries.may_be_stepped(graph, step.subject)


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
    (step,) = graph.all(Kind.STEP)
    assert queries.is_another_trial(graph, make, make.loops[-1]) is expected
    (predict,) = graph.all(Kind.PREDICT)
    assert queries.is_computed_for(graph, predict, step) and not queries.is_computed_for(
        graph, graph.all(Kind.MAKE)[0], step
    )
