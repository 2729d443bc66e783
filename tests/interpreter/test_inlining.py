"""Inlining of functions whose source is known, and what cannot be inlined."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.budget import DEPTH
from looplint.interpreter.values import Const, Either


def test_a_call_returns_what_the_function_returns() -> None:
    reader = reading("def f(a, b=2, *rest, c, **more):\n    return a, b, rest, c, more\nx = f(1, c=3, d=4)")
    assert [value(reader, f"x[{i}]") for i in (0, 1, 3)] == [Const(1, True), Const(2), Const(3, True)]
    assert value(reader, 'x[4]["d"]') == Const(4, True)


def test_a_call_with_too_many_arguments_means_another_function() -> None:
    reader = reading("def f(a):\n    return a\nx, y = f(1), f(1, 2)")
    assert value(reader, "x") == Const(1, True)
    assert value(reader, "y") != Const(1, True)


def test_several_returns_are_joined() -> None:
    reader = reading("def f():\n    if unknown:\n        return 1\n    return 2\nx = f()")
    assert value(reader, "x") == Either((Const(1), Const(2)))


def test_recursion_and_depth_are_bounded() -> None:
    code = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n" for i in range(DEPTH + 3))
    reader = reading(code + "def g(x):\n    return g(x)\nf0(1)\ng(1)")
    assert reader.graph.cut
    assert {node.name for node in reader.record.refused if hasattr(node, "name")} == {f"f{DEPTH}"}
    assert (reader.now.calls, reader.now.exits) == ([], [])


def test_a_decorator_of_the_program_is_inlined_around_its_function() -> None:
    reader = reading("""
        def twice(f):
            def wrapper(x):
                return f(x), f(x)
            return wrapper
        @twice
        def g(x):
            return x
        y = g(7)
        """)
    assert value(reader, "y[1]") == Const(7, True)


def test_a_method_is_called_on_its_object() -> None:
    reader = reading("""
        class Base:
            def name(self):
                return self.own
        class Thing(Base):
            def __init__(self, own):
                self.own = own
            def name(self):
                return super().name()
        x = Thing(5).name()
        """)
    assert value(reader, "x") == Const(5, True)


def test_what_unknown_code_is_given_escapes() -> None:
    optimizer = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)
    reader = reading("anything = given[0]\nanything.start([optimizer])", optimizer=optimizer)
    assert [event.subject for event in reader.graph.all(Kind.ESCAPE)] == []
    reader.unknown_calls.escape([optimizer], reader.now.module.tree.body[1], "start")
    assert [event.subject for event in reader.graph.all(Kind.ESCAPE)] == [optimizer]


def test_where_the_reader_is_is_one_value_that_comes_back_whole() -> None:
    reader = reading("def f():\n    return 1\nx = f()")
    before = reader.now
    with reader.at(before.copy()):
        reader.now.statement, reader.now.chain = None, 99
    assert reader.now is before
    assert (before.statement, before.chain) == (reader.now.module.tree.body[1], 0)
