"""Calls: dispatch on the callee."""

from __future__ import annotations

from hand_made import object_of, reading, value

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.values import Const, Either


def test_a_list_that_is_unpacked_gives_its_elements() -> None:
    reader = reading("def f(a, b):\n    return b\nx = f(*[1, 2])")
    assert value(reader, "x") == Const(2)


def test_a_dict_that_is_unpacked_gives_its_entries() -> None:
    reader = reading('def f(a, b):\n    return b\nx = f(**{"b": 2, "a": 1})')
    assert value(reader, "x") == Const(2)


def test_getattr_with_a_constant_name_reads_that_attribute() -> None:
    reader = reading('class A:\n    n = 1\nx = getattr(A(), "n")\ny = getattr(A(), "n", 2)')
    assert value(reader, "x") == Const(1)
    assert value(reader, "y") == Either((Const(1), Const(2)))


def test_setattr_sets_one() -> None:
    reader = reading('class A:\n    pass\na = A()\nsetattr(a, "n", 3)\nx = a.n')
    assert value(reader, "x") == Const(3)


def test_what_a_name_may_stand_for_is_called_each() -> None:
    code = "def f():\n    return 1\ndef g():\n    return 2\nh = f if unknown() else g\nx = h()"
    assert value(reading(code), "x") == Either((Const(1), Const(2)))


def test_an_object_of_an_own_class_is_called_by_its_method() -> None:
    reader = reading("class A:\n    def __call__(self, x):\n        return x\nx = A()(5)")
    assert value(reader, "x") == Const(5, argument=True)


def test_the_next_of_a_fresh_iterator_is_a_first_batch() -> None:
    loader = AbstractObject(Type.LOADER, "loader", certain=True)
    reader = reading("for i in range(3):\n    x = next(iter(loader))", loader=loader)
    (fetch,) = reader.graph.all(Kind.FETCH)
    assert fetch.subject is loader
    assert object_of(reader, "x").comes_from(loader)
