"""Calls of unknown code: arguments escape, and the result is unknown."""

from __future__ import annotations

from hand_made import happened, reading, value

from looplint.events import AbstractObject, Context, Fact, Graph, How, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.reader import Reader
from looplint.interpreter.values import Value, objects_in

OPTIMIZER = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)


def called(reader: Reader, *values: Value, name: str = "own.do") -> Value:
    node = reader.now.module.tree.body[-1]
    return reader.unknown_calls.call(node.value, list(values), Arguments(list(values), {}), name=name)  # type: ignore[attr-defined]


def test_optimizers_escape_also_within_lists_and_objects() -> None:
    code = "class A:\n    def __init__(self):\n        self.opt = optimizer\nrow, a = [optimizer], A()\ndo()"
    reader = reading(code, optimizer=OPTIMIZER)
    for name in ("optimizer", "row", "a"):
        called(reader, value(reader, name))
    assert happened(reader, Kind.ESCAPE) == [(Kind.ESCAPE, "optimizer")] * 3


def test_what_does_not_hold_one_does_not() -> None:
    reader = reading("do()")
    called(reader, AbstractObject(Type.NUMBER, "n"))
    assert happened(reader, Kind.ESCAPE) == []


def test_a_loss_may_be_differentiated_there() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    reader = reading("do()")
    called(reader, loss)
    assert [(event.subject.name, event.how) for event in reader.graph.all(Kind.READ)] == [("loss", How.HANDED_OVER)]


def test_a_function_that_is_passed_may_be_called() -> None:
    reader = reading("def f():\n    pass\ndo()")
    called(reader, value(reader, "f"))
    assert len(reader.record.passed) == 1


def test_what_turns_gradients_off_by_its_name_sets_them() -> None:
    net = AbstractObject(Type.MODULE, "net", certain=True)
    reader = reading("do()")
    called(reader, net, name="own.set_requires_grad")
    assert [(event.subject, event.how) for event in reader.graph.all(Kind.ASSIGN)] == [(net, "requires_grad_")]


def test_the_result_is_unknown_but_for_its_graph_where_none_is_recorded() -> None:
    batch = AbstractObject(Type.TENSOR, "batch", graph=Graph.NO)
    reader = reading("do()")
    (result,) = objects_in(called(reader, batch))
    assert (result.graph, Fact.UNKNOWN_RESULT in result.facts) == (Graph.UNKNOWN, True)
    with reader.within(Context.NO_GRAD):
        (result,) = objects_in(called(reader, batch))
    assert result.graph is Graph.NO


def test_an_output_that_is_passed_may_be_written_to() -> None:
    output = AbstractObject(Type.TENSOR, "output", graph=Graph.YES, facts=frozenset((Fact.OUTPUT,)))
    called(reading("do()"), output)
    assert Fact.REWRITTEN in output.facts
