"""Parts of a network that are kept in evaluation mode."""

from __future__ import annotations

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events.queries.modes import freezing as queries


@pytest.mark.parametrize(
    ("more", "expected"), [("model[0].requires_grad_(False)", True), ("model[1].requires_grad_(False)", False)]
)
def test_a_part_without_gradients_is_frozen_on_purpose(more: str, expected: bool) -> None:
    graph = graph_of(f"model[0].eval()\n{more}\nmodel.train()" + TRAINED)
    (freeze,), (train,) = graph.all(Kind.EVAL), graph.all(Kind.TRAIN)
    assert queries.belongs_to(freeze.subject, train.subject) and not queries.belongs_to(train.subject, train.subject)
    assert queries.is_frozen_on_purpose(graph, freeze) is expected
    assert queries.undone_at_once(graph, freeze, train) and queries.next_training(graph, train)


def test_a_switch_under_a_condition_is_optional() -> None:
    graph = graph_of("if frozen:\n    model[0].eval()\nmodel[1].eval()")
    first, second = graph.all(Kind.EVAL)
    assert queries.is_optional(graph, first) and not queries.is_optional(graph, second)
