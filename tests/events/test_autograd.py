"""Which values hold an autograd graph, and where it came from."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import AbstractObject, Fact, Graph, Kind, Type, derivation
from looplint.events.queries.gradients import autograd as queries

DATA = AbstractObject(Type.LOADER, "loader")
BATCH = AbstractObject(Type.TENSOR, "x", owner=DATA, external=True)
NET = AbstractObject(Type.MODULE, "net")
OUTPUT = AbstractObject(Type.TENSOR, "y", operands=(NET, BATCH), graph=Graph.YES)


def made_of(
    *operands: AbstractObject, graph: Graph = Graph.UNKNOWN, facts: frozenset[Fact] = frozenset()
) -> AbstractObject:
    return AbstractObject(Type.TENSOR, "made", operands=operands, graph=graph, facts=facts)


def test_a_derivation_yields_where_it_shall_end_and_not_what_it_goes_up_to() -> None:
    whole = made_of(made_of(OUTPUT))
    assert [*derivation(whole, to=[OUTPUT].__contains__)][-1] is OUTPUT
    assert OUTPUT not in derivation(whole, until=[OUTPUT].__contains__)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(made_of(BATCH), True), (made_of(OUTPUT), False), (made_of(made_of(OUTPUT, graph=Graph.NO)), True)],
)
def test_what_is_computed_of_a_batch_alone_or_cut_off_has_no_graph(value: AbstractObject, expected: bool) -> None:
    assert queries.has_no_graph(value, {DATA}) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (made_of(BATCH), True),
        (made_of(AbstractObject(Type.TENSOR, graph=Graph.NO, facts=frozenset((Fact.RANDOM,)))), True),
        (made_of(BATCH, OUTPUT), False),
        (AbstractObject(Type.NUMBER, graph=Graph.NO), False),
    ],
)
def test_data_comes_from_batches_or_is_drawn(value: AbstractObject, expected: bool) -> None:
    assert queries.is_data(value, {DATA}) is expected


def test_a_loss_of_predictions_that_are_detached_is_detached() -> None:
    cut = made_of(OUTPUT, graph=Graph.NO, facts=frozenset((Fact.CUT_OFF, Fact.DETACHED)))
    assert queries.is_detached(made_of(cut, BATCH, graph=Graph.NO), {DATA})
    assert not queries.is_detached(made_of(cut, OUTPUT), {DATA})
    assert not queries.is_detached(made_of(BATCH, graph=Graph.NO), {DATA})


def test_a_loss_that_is_computed_without_recording() -> None:
    code = "for x, y in loader:\n    with torch.no_grad():\n        out = model(x)\n    "
    code += "{}F.cross_entropy(out, y).backward()"
    for more, found in (("", 1), ("out = out + model(x)\n    ", 0)):
        graph = graph_of(code.format(more))
        off, on = queries.recording(graph)
        (loss,) = graph.losses()
        assert len(queries.computed_without_graph(loss, off, on, graph.iterables())) == found


def test_a_state_that_a_network_gets_back_with_its_graph() -> None:
    state = AbstractObject(Type.TENSOR, "state", graph=Graph.YES)
    both = AbstractObject(
        Type.COLLECTION, "both", operands=(state, AbstractObject(Type.COLLECTION, operands=(OUTPUT,)))
    )
    assert [*queries.parts_with_graph(both)] == [state, OUTPUT]
    twice = made_of(state, graph=Graph.YES)
    assert queries.handed_back([BATCH, twice], [state]) is twice
    assert queries.handed_back([twice, made_of(state, facts=frozenset((Fact.DETACHED,)))], [state]) is None


RECURRENT = """
state = torch.zeros(1)
for x, y in loader:
    out = model(x)
    {}
    (F.cross_entropy(out, y) + state.sum()).backward(retain_graph=True)
"""


@pytest.mark.parametrize(("line", "expected"), [("state = out * 2", True), ("state = state + out", False)])
def test_a_loss_that_is_computed_anew_in_each_iteration(line: str, expected: bool) -> None:
    graph = graph_of(RECURRENT.format(line))
    (loss,), (scope,) = graph.losses(), graph.iterations
    batch = [*scope.over.ancestry()] if scope.over is not None else []
    assert queries.is_recomputed(loss, graph.all(Kind.PREDICT), batch, scope) is expected


@pytest.mark.parametrize(("second", "expected"), [("out.mean()", True), ("model(x).mean()", False)])
def test_two_losses_that_share_a_prediction_share_its_graph(second: str, expected: bool) -> None:
    graph = graph_of(f"for x, y in loader:\n    out = model(x)\n    out.sum().backward()\n    {second}.backward()")
    one, other = graph.all(Kind.BACKWARD)
    beside = [*(predict.subject for predict in graph.all(Kind.PREDICT)), *graph.iterables()]
    assert queries.share_graph(one, other, beside) is expected
