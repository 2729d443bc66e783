"""Where a module is switched to training or evaluation mode, and where such a switch is meant."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of, last_prediction

from looplint.events import Kind
from looplint.events.queries.modes import switches as queries


@pytest.mark.parametrize(
    ("before", "found"), [("model.eval()", True), ("model.eval()\nmodel.train()", False), ("", False)]
)
def test_the_mode_before_an_event(before: str, found: bool) -> None:
    graph = graph_of(before + TRAINED)
    predict = last_prediction(graph)
    assert queries.is_in_evaluation_mode(graph, predict, predict.subject) is found


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("before = model.training\nmodel.train()\nmodel(x)\nmodel.train(before)", True),
        ("model.train()\nmodel(x)", False),
        ("if sample:\n    model.train()\nelse:\n    model.eval()\nmodel(x)", True),
    ],
    ids=["restored", "plain", "chosen"],
)
def test_training_mode_that_is_meant_for_a_prediction(code: str, meant: bool) -> None:
    graph = graph_of(code)
    switch = graph.all(Kind.TRAIN)[0]
    assert queries.is_training_mode_meant(graph, switch, last_prediction(graph)) is meant


@pytest.mark.parametrize(("behind", "found"), [("", True), (TRAINED, False)])
def test_a_switch_behind_which_nothing_is_trained_is_for_the_predictions(behind: str, found: bool) -> None:
    graph = graph_of(TRAINED + "model.train()\nfor x, y in val_loader:\n    model(x)\n" + behind)
    (switch,) = graph.all(Kind.TRAIN)
    trained = graph.trainings()
    (predict,) = (event for event in graph.all(Kind.PREDICT) if event not in trained)
    assert queries.only_predicts(graph, switch, predict) is found


@pytest.mark.parametrize(("before", "number"), [("", 1), ("model.eval()\n", 0)])
def test_a_copy_of_a_trained_module_has_its_mode(before: str, number: int) -> None:
    graph = graph_of(f"import copy\n{before}average = copy.deepcopy(model)\n{TRAINED}average(x)\n")
    average = last_prediction(graph).subject
    assert len(queries.copies_in_training_mode(graph, average)) == number


@pytest.mark.parametrize(("otherwise", "found"), [("pass", True), ("model.eval()", False)])
def test_the_phase_that_trains_leaves_its_mode_to_the_other_one(otherwise: str, found: bool) -> None:
    graph = graph_of(f"""
        for epoch in range(3):
            for phase in ["train", "val"]:
                if phase == "train":
                    model.train()
                else:
                    {otherwise}
                for x, y in loaders[phase]:
                    loss = F.cross_entropy(model(x), y)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
    """)
    predict = last_prediction(graph)
    switch = queries.trained_in_one_phase(graph, predict, predict.loops[-1], queries.ENDS_TRAINING_MODE)
    assert (switch is not None) is found
