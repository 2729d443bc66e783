"""Functions by their dotted names."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of, value
from with_library import reading

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Type
from looplint.interpreter.values import Partial
from looplint.library.function_handlers import handlers, steep

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)


def test_each_name_ends_at_the_constructor_or_its_package() -> None:
    assert [handler.__name__ for handler in handlers("torch.save")] == ["_known", "_construct", "_torch"]
    assert [handler.__name__ for handler in handlers("torch.nn.functional.mse_loss")] == [
        "_loss",
        "_construct",
        "_torch",
    ]
    assert [handler.__name__ for handler in handlers("own.thing")] == ["_construct"]


def test_a_functional_loss_grades() -> None:
    reader = reading("out = F.cross_entropy(outputs, targets)")
    assert happened(reader, Kind.GRADE) == [(Kind.GRADE, "F.cross_entropy")]
    assert Fact.GRADED in object_of(reader, "out").facts


def test_numpy_returns_numbers_and_torch_what_holds_a_graph() -> None:
    reader = reading("n = numpy.mean([loss])\nt = torch.mean(loss)", loss=LOSS)
    assert (object_of(reader, "n").graph, object_of(reader, "t").graph) == (Graph.NO, Graph.YES)
    assert Fact.BATCH_MEAN in object_of(reader, "t").facts


def test_a_partial_remembers_its_arguments() -> None:
    made = value(reading("f = functools.partial(torch.save, obj)"), "f")
    assert isinstance(made, Partial) and len(made.args) == 1


def test_gradients_that_are_taken_are_read() -> None:
    assert happened(reading("g = torch.autograd.grad(loss, weight)", loss=LOSS), Kind.READ)[0] == (Kind.READ, "loss")


@pytest.mark.parametrize(("around", "stops"), [("pass", 1), ("start = time.time()", 0)])
def test_a_device_that_is_stopped_where_nobody_measures_time(around: str, stops: int) -> None:
    reader = reading(f"import time\n{around}\ntorch.cuda.synchronize()")
    assert len([event for event in reader.graph.all(Kind.COST) if event.how == How.DEVICE_STOPPED]) == stops


def test_a_root_of_squares_is_steep() -> None:
    squares = AbstractObject(Type.TENSOR, facts=frozenset((Fact.SQUARES,)))
    assert steep("torch.sqrt", [squares], []) == {Fact.STEEP}
    assert steep("torch.sqrt", [LOSS], []) == frozenset()
    assert steep("torch.sum", [squares], []) == {Fact.SQUARES}
