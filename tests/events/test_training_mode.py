"""Whether a module is still in training mode where it predicts."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of, last_prediction

from looplint.events import EventGraph, Kind
from looplint.events.queries.modes import training_mode as queries
from looplint.events.queries.modes.evaluation import evaluates, loops_over_batches

VALIDATED = "for x, y in val_loader:\n    total += F.cross_entropy(model(x), y).item()\n"


def lasts(graph: EventGraph) -> bool:
    predict = last_prediction(graph)
    batches = loops_over_batches(graph, predict)
    return queries.TrainingMode(graph).lasts(predict, batches[0], batches) is not None


@pytest.mark.parametrize(
    ("between", "found"),
    [
        ("", True),
        ("model.eval()\n", False),
        ("model.eval()\nmodel.train()\n", True),
        ("model.training = False\n", False),
    ],
    ids=["not switched", "switched", "switched back", "flag"],
)
def test_training_mode_lasts_until_it_is_switched(between: str, found: bool) -> None:
    assert lasts(graph_of(TRAINED + between + VALIDATED)) is found


@pytest.mark.parametrize(("before", "found"), [("", True), ("model.eval()\n", False)])
def test_a_model_that_is_trained_in_evaluation_mode_is_validated_in_it(before: str, found: bool) -> None:
    assert lasts(graph_of(before + TRAINED + VALIDATED)) is found


@pytest.mark.parametrize(("switch", "found"), [("", True), ("average.eval()\n", False)])
def test_a_copy_keeps_the_mode_of_what_it_was_made_of(switch: str, found: bool) -> None:
    validated = VALIDATED.replace("model", "average")
    code = f"import copy\naverage = copy.deepcopy(model)\n{TRAINED}model.eval()\n{switch}{validated}"
    assert lasts(graph_of(code)) is found


@pytest.mark.parametrize(
    ("code", "matters"),
    [
        (VALIDATED, True),
        ("model = nn.Linear(6, 3)\n" + VALIDATED, False),
        ("for x, y in val_loader:\n    model(x)\n", False),
    ],
    ids=["dropout", "no layer with a mode", "not used"],
)
def test_where_the_mode_matters(code: str, matters: bool) -> None:
    graph = graph_of(code)
    assert queries.TrainingMode(graph).matters(last_prediction(graph)) is matters


@pytest.mark.parametrize(("behind", "found"), [("", False), (TRAINED, True), ("model.train()\n" + TRAINED, False)])
def test_training_that_goes_on_behind_a_validation(behind: str, found: bool) -> None:
    graph = graph_of(VALIDATED + behind)
    assert queries.goes_on_in_it(graph, graph.all(Kind.PREDICT)[0]) is found


@pytest.mark.parametrize(("switch", "found"), [("model.eval()", True), ("model.train()", False)])
def test_a_mode_that_is_chosen_in_the_same_epoch(switch: str, found: bool) -> None:
    graph = graph_of(
        f"""
        def fit(model, loader, optimizer):
            for epoch in range(3):
                for x, y in loader:
                    F.cross_entropy(model(x), y).backward()
                    optimizer.step()
                for x, y in val_loader:
                    F.cross_entropy(model(x), y)
                {switch}
                for x, y in val_loader:
                    model(x)
    """,
        name="fit",
    )
    untrained = [p for p in graph.all(Kind.PREDICT) if p not in graph.trainings()]
    assert queries.is_chosen(graph, untrained[0]) is found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (TRAINED + VALIDATED, True),
        ("for x, y in loader:\n    model(x)\n    optimizer.step()\n", False),
        (TRAINED + "for x, y in val_loader:\n    send(F.cross_entropy(model(x), y))\n", False),
    ],
    ids=["validated", "not trained at all", "graded for unknown code"],
)
def test_what_evaluates(code: str, found: bool) -> None:
    graph = graph_of(code)
    predict = last_prediction(graph)
    assert evaluates(graph, predict, loops_over_batches(graph, predict)[0]) is found
