"""Parameters: bound by a call, or described by their annotations."""

from __future__ import annotations

import pytest
from hand_made import object_of, reading, value

from looplint.interpreter.values import Const, Instance

CLASS = "class A:\n    n = 3\n"


@pytest.mark.parametrize("annotation", ["A", '"A"', "A | None", "None | A", "Optional[A]", 'Annotated[A, "text"]'])
def test_a_parameter_is_an_instance_of_the_class_in_its_annotation(annotation: str) -> None:
    reader = reading(CLASS + f"def f(x: {annotation}):\n    return x\ny = f()")
    instance = object_of(reader, "y")
    assert isinstance(instance, Instance) and instance.cls == value(reader, "A")


@pytest.mark.parametrize("annotation", ["list[A]", "Callable[[A], int]", '"A["'])
def test_another_annotation_says_nothing(annotation: str) -> None:
    reader = reading(CLASS + f"def f(x: {annotation}):\n    return x\ny = f()")
    assert not isinstance(object_of(reader, "y"), Instance)


def test_defaults_hold_where_nothing_is_passed() -> None:
    reader = reading("def f(a, b=2, *, c=None):\n    return a, b, c\nx = f(1)")
    assert [value(reader, f"x[{i}]") for i in (1, 2)] == [Const(2), Const(None, argument=True)]


def test_a_default_is_evaluated_where_the_function_was_defined() -> None:
    code = "n = 1\ndef f(a=n):\n    return a\ndef g():\n    n = 2\n    return f()\nx = g()"
    assert value(reading(code), "x") == Const(1)


def test_the_rest_is_a_tuple_and_a_dict() -> None:
    reader = reading("def f(*a, **k):\n    return a, k\nx = f(1, 2, c=3)")
    assert value(reader, "x[0][1]") == Const(2, argument=True)
    assert value(reader, 'x[1]["c"]') == Const(3, argument=True)


def test_a_condition_on_a_parameter_is_one_on_what_was_passed() -> None:
    code = """
        def f(flag):
            if flag:
                use(weight.grad)
        if option:
            f(option)
        else:
            use(weight.grad)
        """
    edges = [edge for ends in reading(code).graph.edges for edge in ends if edge.guard is not None]
    assert len(edges) > 2, "both tests branch"
    assert len({edge.guard.condition for edge in edges if edge.guard is not None}) == 1
