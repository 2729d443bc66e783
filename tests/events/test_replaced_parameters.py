"""Parameters that come into a model after its optimizer was made."""

from __future__ import annotations

from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events.queries.ownership import replaced_parameters as queries


def test_a_layer_that_is_replaced_brings_parameters_that_the_optimizer_does_not_hold() -> None:
    graph = graph_of("model.head = nn.Linear(3, 3)\nmodel.rate = 3" + TRAINED)
    head, rate = graph.all(Kind.ASSIGN)
    (make,) = (one for one in graph.all(Kind.MAKE) if one.subject.name == "optimizer")
    assert queries.brings_parameters(graph, head) and not queries.brings_parameters(graph, rate)
    assert queries.holds_replaced(graph, make.subject, head)
