"""Training that follows a validation, and whether it should have been switched back."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import EventGraph, Kind, Trace
from looplint.events.queries.modes import after_validation as queries

EPOCHS = """
model.train()
for epoch in range(3):
    {before}
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for x, y in val_loader:
            model(x)
    {behind}
"""


def epochs(before: str = "", behind: str = "") -> EventGraph:
    return graph_of(EPOCHS.format(before=before or "pass", behind=behind or "pass"))


def goes_on(graph: EventGraph) -> Trace | None:
    (predict,), switch = graph.trainings(), graph.all(Kind.EVAL)[-1]
    validations, backwards = queries.predictions_beside_training(graph), graph.backwards_through(predict)
    goals = queries.training_goes_on(graph, switch, predict, backwards, validations)
    return queries.still_in_evaluation_mode(graph, switch, predict, goals, validations)


@pytest.mark.parametrize(
    ("before", "behind", "found"),
    [("", "", True), ("model.train()", "", False), ("", "model.train()", False), ("model.eval()", "", False)],
    ids=["never", "before", "behind", "on purpose"],
)
def test_training_that_is_not_switched_back(before: str, behind: str, found: bool) -> None:
    assert (goes_on(epochs(before, behind)) is not None) is found


@pytest.mark.parametrize(
    ("between", "number"), [("with torch.no_grad():\n    for x, y in val_loader:\n        model(x)\n", 1), ("", 0)]
)
def test_without_a_validation_in_between_the_mode_is_meant(between: str, number: int) -> None:
    graph = graph_of("model.train()\nmodel.eval()\n" + between + TRAINED)
    (predict,), (switch,) = graph.trainings(), graph.all(Kind.EVAL)
    validations = queries.predictions_beside_training(graph)
    found = queries.training_goes_on(graph, switch, predict, graph.backwards_through(predict), validations)
    assert len(found) == number == len(validations)


def test_a_switch_that_unknown_callers_may_undo() -> None:
    graph = epochs()
    (predict,), (switch,) = graph.trainings(), graph.all(Kind.EVAL)
    assert not queries.may_be_undone(graph, switch, predict)
    undone = epochs(behind="model.train()")
    (predict,), (switch,) = undone.trainings(), undone.all(Kind.EVAL)
    assert queries.may_be_undone(undone, switch, predict)


@pytest.mark.parametrize(("clear", "used"), [("pass", True), ("optimizer.zero_grad()", False)])
def test_gradients_that_a_step_uses(clear: str, used: bool) -> None:
    graph = graph_of(f"for x, y in loader:\n    model(x).sum().backward()\n    {clear}\n    optimizer.step()\n")
    (predict,) = graph.trainings()
    assert queries.is_used_by_a_step(graph, graph.all(Kind.BACKWARD), predict.subject) is used


@pytest.mark.parametrize(
    ("change", "expected"),
    [("", True), ("model.requires_grad_(False)", False), ("model = nn.Linear(6, 3)", False)],
    ids=["trained", "frozen", "no layer with a mode"],
)
def test_training_that_depends_on_the_mode(change: str, expected: bool) -> None:
    graph = graph_of(change + TRAINED)
    (predict,) = graph.all(Kind.PREDICT)
    assert queries.trains_by_mode(graph, predict) is expected
