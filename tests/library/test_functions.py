"""Functions by dotted name: the project's own rows come before those of the library."""

from __future__ import annotations

import ast

from hand_made import happened, object_of
from with_library import reading

from looplint.events import AbstractObject, Kind, Shape, Type
from looplint.knowledge.effect import Effect, Returns

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True)


def test_a_row_of_the_project_comes_first() -> None:
    reader = reading("pass", loss=LOSS)
    reader.program.known = {"torch.save": Effect(Kind.CLEAR, 0, returns=Returns.NUMBER)}
    result = reader.evaluate(ast.parse("torch.save(loss)", mode="eval").body)
    assert isinstance(result, AbstractObject) and result.type is Type.NUMBER
    assert happened(reader, Kind.CLEAR, Kind.SAVE) == [(Kind.CLEAR, "loss")]


def test_what_has_no_row_is_unknown_code() -> None:
    reader = reading("import own\nopt = optim.SGD(p, 0.1)\nown.prepare(opt)\ntorch.save(opt, 'f')")
    assert [event.subject.name for event in reader.graph.all(Kind.ESCAPE)] == ["opt"]


def test_the_shape_of_the_result_is_noted() -> None:
    assert object_of(reading("x = torch.zeros(3, 4)"), "x").shape == Shape(2, 4)
