"""Bindings with an undo log: rolled back, and joined behind the arms of a branch."""

from __future__ import annotations

from looplint.interpreter.bindings import Changes, State, without
from looplint.interpreter.values import Const, Either

FRAME = object()
KEY = (id(FRAME), "x")


def test_what_is_rolled_back_is_as_before() -> None:
    state = State()
    state.set(FRAME, "x", Const(1), 3)
    mark = state.mark()
    state.set(FRAME, "x", Const(2), 4)
    state.set(FRAME, "y", Const(5), 4)
    state.rollback(mark)
    assert (state.get(KEY), state.stamp(KEY), state.get((id(FRAME), "y"))) == (Const(1), 3, None)


def test_two_arms_are_joined() -> None:
    state = State()
    mark = state.mark()
    arms = []
    for number in (1, 2):
        state.set(FRAME, "x", Const(number), number)
        arms.append(state.changes(mark))
        state.rollback(mark)
    state.merge(arms, 9)
    assert (state.get(KEY), state.stamp(KEY)) == (Either((Const(1), Const(2))), 9)


def test_what_no_arm_changes_keeps_its_stamp() -> None:
    state = State()
    state.set(FRAME, "x", Const(1), 3)
    state.merge([{}, {}], 9)
    assert state.stamp(KEY) == 3


def test_one_arm_that_binds_leaves_both_values() -> None:
    state = State()
    state.set(FRAME, "x", Const(1), 3)
    state.merge([{KEY: (Const(2), 5)}, {}], 9)
    assert state.get(KEY) == Either((Const(2), Const(1)))


def test_the_names_of_a_frame_that_is_left_are_gone_and_others_stay() -> None:
    state, other = State(), object()
    mark = state.mark()
    state.set(FRAME, "x", Const(1), 0)
    state.set(other, "x", Const(2), 0)
    state.leave(FRAME, mark)
    assert (state.get(KEY), state.get((id(other), "x"))) == (None, Const(2))
    state.rollback(mark)
    assert state.get((id(other), "x")) is None


def test_changes_without_those_of_one_frame() -> None:
    changes: Changes = {KEY: (Const(1), 0), (7, "x"): (Const(2), 0)}
    assert without(changes, id(FRAME)) == {(7, "x"): (Const(2), 0)}
    assert without(changes, None) == changes


def test_a_remembered_binding_outlives_a_rollback() -> None:
    state = State()
    mark = state.mark()
    state.remember(FRAME, "x", Const(1))
    state.rollback(mark)
    assert state.get(KEY) == Const(1)
