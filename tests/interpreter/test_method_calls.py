"""Method calls: dispatch on the receiver."""

from __future__ import annotations

from hand_made import happened, object_of, reading, value

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.values import Class, Const


def test_a_class_method_gets_the_class() -> None:
    reader = reading("class A:\n    @classmethod\n    def make(cls, n):\n        return cls, n\nx = A.make(3)")
    assert isinstance(value(reader, "x[0]"), Class)
    assert value(reader, "x[1]") == Const(3, argument=True)


def test_a_method_called_on_the_class_gets_its_object_as_an_argument() -> None:
    reader = reading("class A:\n    def f(self, n):\n        return self\nx = A.f(5, 6)")
    assert value(reader, "x") == Const(5, argument=True)


def test_super_goes_on_in_the_base() -> None:
    code = """
        class A:
            def f(self):
                return 1
        class B(A):
            def f(self):
                return super().f()
        x = B().f()
        """
    assert value(reading(code), "x") == Const(1)


def test_a_method_that_was_replaced_on_an_object_is_the_new_one() -> None:
    optimizer = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)
    code = "def own():\n    return 9\noptimizer.step = own\nx = optimizer.step()"
    assert value(reading(code, optimizer=optimizer), "x") == Const(9)


def test_a_method_of_a_constant_gives_a_number() -> None:
    assert object_of(reading('x = "a-b".split("-")'), "x").type is Type.NUMBER


def test_an_optimizer_whose_method_is_another_object_escapes() -> None:
    optimizer = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)
    code = "optimizer.hook = given\noptimizer.hook()"
    assert happened(reading(code, optimizer=optimizer), Kind.ESCAPE) == [(Kind.ESCAPE, "optimizer")]


def test_a_constructor_of_another_name_makes_an_instance() -> None:
    reader = reading("class A(Base):\n    pass\nx = A.from_pretrained('name')")
    assert getattr(object_of(reader, "x"), "cls", None) == value(reader, "A")


def test_a_method_of_a_class_of_named_tuples_is_unknown() -> None:
    code = """
        from collections import namedtuple
        Row = namedtuple("Row", "x y")
        x = Row._make(rows)
        y = Row._fields
        """
    assert object_of(reading(code, rows=AbstractObject(Type.TENSOR, "rows")), "x").type is Type.UNKNOWN
