"""Loops: what a pass may change is known at the head of the next one."""

from __future__ import annotations

from hand_made import reading, value

from looplint.interpreter.values import Const, Either


def test_at_its_head_a_loop_has_what_was_before_it_or_what_a_pass_left() -> None:
    reader = reading("x = 1\nfor i in data:\n    y = x\n    x = 2")
    assert value(reader, "y") == Either((Const(1), Const(2)))
    assert value(reader, "x") == Const(2)


def test_break_leads_behind_the_loop_and_continue_to_its_head() -> None:
    reader = reading("""
        x = 1
        while True:
            if unknown:
                x = 2
                continue
            if other:
                x = 3
                break
        """)
    assert value(reader, "x") == Const(3)


def test_loops_say_what_they_are() -> None:
    reader = reading("for i in range(3):\n    for batch in data:\n        pass\nwhile unknown:\n    pass")
    outer, inner, last = reader.graph.iterations
    assert [scope.is_written for scope in (outer, inner, last)] == [True, True, True]
    assert inner.outer is outer
    assert (inner.target, inner.goes_over_data, last.over) == ("batch", True, None)
    assert outer.nodes[0] <= inner.nodes[0] < inner.nodes[1] <= outer.nodes[1]


def test_the_first_reading_of_a_body_adds_no_events() -> None:
    reader = reading("for i in data:\n    for j in i:\n        use(j)")
    assert len(reader.graph.iterations) == 2
    assert reader.flow.silent == 0
