"""Names, constants and other small expressions."""

from __future__ import annotations

import pytest
from hand_made import object_of, reading, value

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.interpreter.values import Const, Either

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES, facts=frozenset((Fact.GRADED,)))


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("-3", Const(-3)),
        ("not True", Const(False)),
        ("1 if unknown() else 2", Either((Const(1), Const(2)))),
        ("(n := 4)", Const(4)),
    ],
)
def test_what_constants_give(expression: str, result: object) -> None:
    assert value(reading(f"x = {expression}"), "x") == result


def test_the_second_operand_of_and_is_evaluated_on_one_path() -> None:
    graph = reading("flag and use(weight.grad)\nuse(weight.grad)").graph
    first, second = graph.all(Kind.READ)
    assert graph.path(first, to=Kind.READ) is not None
    assert any(first.node in range(*arm) for branch in graph.branches for arm in branch.arms)
    assert not any(second.node in range(*arm) for branch in graph.branches for arm in branch.arms)


def test_a_sum_is_the_same_object_in_each_pass_and_carried_into_the_next() -> None:
    reader = reading("last = None\nfor x in data:\n    y = last\n    last = loss * 2", loss=LOSS)
    assert len(object_of(reader, "last").carried_into) == 1 or object_of(reader, "y").carried_into
