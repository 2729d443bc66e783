"""Rows of effects, applied to calls: the event, its subject and what is said of it."""

from __future__ import annotations

import ast

import pytest
from hand_made import happened, object_of, value
from with_library import reading

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Const, Value
from looplint.knowledge.effect import Effect

MODEL = AbstractObject(Type.MODULE, "model", certain=True)
OTHER = AbstractObject(Type.OPTIMIZER, "other", certain=True)


def applied(
    effect: Effect, *arguments: Value, code: str = "model.do(other)", **keywords: Value
) -> tuple[Value, list[tuple[Kind, str]]]:
    reader = reading("pass", model=MODEL, other=OTHER)
    node = ast.parse(code, mode="eval").body
    assert isinstance(node, ast.Call)
    result = reader.library.apply(effect, MODEL, Arguments(list(arguments), keywords), node, "do")
    return result, happened(reader, Kind.STEP, Kind.CLEAR, Kind.ESCAPE)


def test_the_subject_is_the_receiver_or_an_argument() -> None:
    assert applied(Effect(Kind.STEP), OTHER) == (Const(None), [(Kind.STEP, "model")])
    assert applied(Effect(Kind.STEP, 0), OTHER) == (Const(None), [(Kind.STEP, "other")])
    assert applied(Effect(Kind.STEP, 0, keyword="of"), of=OTHER) == (Const(None), [(Kind.STEP, "other")])


@pytest.mark.parametrize(
    ("answer", "kinds"), [(True, [Kind.STEP]), (False, []), (None, [Kind.ESCAPE])], ids=["on", "off", "not known"]
)
def test_an_argument_turns_an_event_off(answer: bool | None, kinds: list[Kind]) -> None:
    enabled = AbstractObject(name="flag") if answer is None else Const(answer)
    _, events = applied(Effect(Kind.STEP, enabled_by="enabled"), enabled=enabled)
    assert [kind for kind, _ in events] == kinds


def test_an_argument_adds_a_second_event() -> None:
    row = Effect(Kind.STEP, flag=("clear", Kind.CLEAR), then=None)
    assert [kind for kind, _ in applied(row, clear=Const(True))[1]] == [Kind.STEP, Kind.CLEAR]
    assert [kind for kind, _ in applied(row, clear=Const(False))[1]] == [Kind.STEP]
    assert [kind for kind, _ in applied(row)[1]] == [Kind.STEP]


def test_named_arguments_come_back_as_they_are() -> None:
    result, _ = applied(Effect(named=("optimizer", "loader")), optimizer=OTHER, other=Const(1))
    assert isinstance(result, Collection) and result.elements() == [OTHER]


def test_several_rows_give_the_result_of_the_last() -> None:
    reader = reading("import heavyball\nopt = optim.SGD(net.parameters(), lr=0.1)\nopt.step()\nopt.zero_grad()")
    assert [kind for kind, _ in happened(reader, Kind.STEP, Kind.CLEAR)] == [Kind.STEP, Kind.CLEAR]
    assert value(reader, "opt.zero_grad()") == Const(None)
    assert object_of(reader, "opt").type is Type.OPTIMIZER
