"""Which loops over batches evaluate a network, and which predictions are something else."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of, last_prediction

from looplint.events import Kind
from looplint.events.queries.modes import evaluation as queries

VALIDATED = """
for x, y in val_loader:
    model(x)
"""


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("for x, y in val_loader:\n    model(x)", [8]),
        ("for epoch in range(3):\n    for x, y in val_loader:\n        model(x)", [9]),
        ("for i in range(3):\n    model(torch.rand(8, 6))", []),
        ("for x, y in batches_of(3):\n    F.cross_entropy(model(x), y)", [8]),
        ("for network in [model, model]:\n    network(x)", []),
    ],
)
def test_loops_over_batches(code: str, rows: list[int]) -> None:
    graph = graph_of(code)
    found = queries.loops_over_batches(graph, last_prediction(graph))
    assert [scope.place.row for scope in found] == rows


def test_what_is_predicted_without_a_graph_for_the_next_update_is_no_evaluation() -> None:
    graph = graph_of("""
        for x, y in loader:
            with torch.no_grad():
                for part in x:
                    model(part)
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
    """)
    gathered, _ = graph.all(Kind.PREDICT)
    assert queries.loops_over_batches(graph, gathered) == []


@pytest.mark.parametrize(("use", "graded"), [("F.cross_entropy(model(x), y)", True), ("print(model(x))", False)])
def test_a_loop_that_computes_a_loss_grades(use: str, graded: bool) -> None:
    graph = graph_of(f"for x, y in val_loader:\n    {use}")
    predict = last_prediction(graph)
    assert queries.is_graded(graph, predict, predict.loops[-1]) is graded


@pytest.mark.parametrize(("inputs", "found"), [("held_out", True), ("seen", False)])
def test_all_data_at_once_is_evaluated_where_nothing_trains_on_it(inputs: str, found: bool) -> None:
    graph = graph_of(f"""
        seen, held_out = torch.rand(8, 6), torch.rand(8, 6)
        for epoch in range(3):
            F.cross_entropy(model(seen), y).backward()
            optimizer.step()
            with torch.no_grad():
                F.cross_entropy(model({inputs}), y)
    """)
    assert queries.is_graded_at_once(graph, last_prediction(graph)) is found


@pytest.mark.parametrize(
    ("body", "found"), [("for i in range(20):\n        model(x)", True), ("model(x)", False)], ids=["often", "once"]
)
def test_a_batch_that_is_predicted_several_times_is_sampled(body: str, found: bool) -> None:
    graph = graph_of(f"for x, y in val_loader:\n    {body}")
    predict = last_prediction(graph)
    assert queries.is_sampled(graph, predict, predict.loops[0]) is found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("for x, y in val_loader:\n    model(x)\n" + TRAINED, True),
        (TRAINED + "for x, y in val_loader:\n    model(x)\n", False),
    ],
    ids=["before", "behind"],
)
def test_what_is_predicted_before_the_training_may_be_for_it(code: str, found: bool) -> None:
    graph = graph_of(code)
    trained = graph.trainings()
    (predict,) = (event for event in graph.all(Kind.PREDICT) if event not in trained)
    assert queries.is_for_next_training(graph, predict) is found


def test_a_module_whose_output_is_back_propagated_and_computed_from_predictions_is_a_criterion() -> None:
    graph = graph_of("""
        judge = nn.Linear(3, 1)
        for x, y in loader:
            judge(model(x)).backward()
            optimizer.step()
    """)
    first, second = graph.all(Kind.PREDICT)
    assert not queries.is_criterion(graph, first.subject)
    assert queries.is_criterion(graph, second.subject)


@pytest.mark.parametrize(("judged", "found"), [("made", True), ("x", False)])
def test_a_network_whose_outputs_another_one_judges_beside_other_inputs_generates(judged: str, found: bool) -> None:
    graph = graph_of(f"""
        judge = nn.Linear(6, 1)
        for x, y in loader:
            made = model(x)
            F.softplus(judge({judged})).mean().backward()
            F.softplus(judge(y)).mean().backward()
            optimizer.step()
    """)
    assert queries.is_generator(graph, graph.all(Kind.PREDICT)[0].subject) is found
