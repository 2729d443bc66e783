"""Simple statements."""

from __future__ import annotations

from hand_made import happened, reading, value

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.values import Class, Const, Function

OPTIMIZER = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)


def test_a_method_without_parentheses_is_a_reference() -> None:
    assert happened(reading("optimizer.step", optimizer=OPTIMIZER), Kind.REFERENCE) == [(Kind.REFERENCE, "optimizer")]
    assert happened(reading("optimizer.state", optimizer=OPTIMIZER), Kind.REFERENCE) == []


def test_an_ellipsis_stands_for_any_code() -> None:
    assert [event.how for event in reading("...").graph.all(Kind.ESCAPE)] == ["left out"]


def test_functions_and_classes_are_bound() -> None:
    reader = reading("def f():\n    pass\nclass A:\n    n = 2\nx = A.n")
    assert isinstance(value(reader, "f"), Function) and isinstance(value(reader, "A"), Class)
    assert value(reader, "x") == Const(2)


def test_global_and_nonlocal_names_are_those_outside() -> None:
    code = """
        n = 1
        def f():
            global n
            n = 2
            m = 3
            def g():
                nonlocal m
                m = 4
            g()
            return m
        x = f()
        """
    reader = reading(code)
    assert (value(reader, "n"), value(reader, "x")) == (Const(2), Const(4))


def test_behind_raise_nothing_is_reached() -> None:
    assert happened(reading("use(v.grad)\nraise ValueError\nuse(w.grad)"), Kind.READ) == [(Kind.READ, "v")]


def test_what_an_assertion_tests_is_evaluated() -> None:
    assert happened(reading("assert w.grad is not None"), Kind.READ)[0] == (Kind.READ, "w")
