"""Branches: arms that are read from the same state and joined behind them."""

from __future__ import annotations

from hand_made import happened, reading, value

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.values import Const, Either
from looplint.project.config import Configuration
from looplint.project.settings import Settings
from looplint.run.api import lint


def test_behind_a_branch_a_name_stands_for_either_value() -> None:
    assert value(reading("if unknown:\n    x = 1\nelse:\n    x = 2"), "x") == Either((Const(1), Const(2)))


def test_an_arm_does_not_see_what_the_other_binds() -> None:
    assert value(reading("x = 0\nif unknown:\n    x = 1\nelse:\n    y = x"), "y") == Const(0)


def test_an_arm_that_leaves_binds_nothing_behind_the_branch() -> None:
    assert value(reading("x = 0\nif unknown:\n    x = 1\n    raise ValueError"), "x") == Const(0)


def test_a_condition_that_the_call_decides_is_no_branch() -> None:
    reader = reading("def f(train):\n    if train:\n        return 1\n    return 2\nx = f(True)\ny = f(train=False)")
    assert (value(reader, "x"), value(reader, "y")) == (Const(1), Const(2))
    assert reader.graph.branches == []


def test_a_match_that_only_compares_is_read_as_conditions() -> None:
    code = 'match mode:\n    case "a":\n        x = 1\n    case "b" | "c":\n        x = 2\n    case _:\n        x = 3'
    assert value(reading(code), "x") == Either((Const(1), Const(2), Const(3)))


def test_finally_is_read_wherever_a_try_is_left() -> None:
    weight = AbstractObject(Type.PARAMETERS, "weight", certain=True)
    reader = reading(
        """
        def f():
            try:
                if unknown:
                    return 1
            finally:
                weight.grad = None
            return 3
        result = f()
        """,
        weight=weight,
    )
    assert happened(reader, Kind.CLEAR) == [(Kind.CLEAR, "weight")] * 2
    assert value(reader, "result") == Either((Const(1), Const(3)))


def test_a_match_in_a_helper_compares_what_the_caller_calls_otherwise() -> None:
    code = """\
def phase(mode, optimizer, loss):
    match mode:
        case "train" | "tune":
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def fit(model, optimizer, loader, loss_fn, stage):
    for x, y in loader:
        phase(stage, optimizer, loss_fn(model(x), y))
"""
    result = lint(["-"], Configuration.fixed(Settings()), stdin=code.encode())
    assert (result.errors, result.findings, result.loops) == ([], [], 1)
