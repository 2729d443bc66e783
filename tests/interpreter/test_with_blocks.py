"""`with`: the contexts around a body, and managers whose source is known."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import AbstractObject, Context, Kind, Type
from looplint.interpreter.values import Const


def test_the_body_of_a_generator_manager_stands_at_its_yield() -> None:
    reader = reading("""
        from contextlib import contextmanager
        @contextmanager
        def managed():
            seen.state = 1
            yield
            seen.state = 3
        with managed():
            inside = seen.state
            seen.state = 2
        """)
    assert value(reader, "inside") == Const(1)
    assert value(reader, "seen.state") == Const(3)


def test_the_result_of_enter_is_bound_and_exit_is_called_at_the_end() -> None:
    reader = reading("""
        class Manager:
            def __enter__(self):
                return 5
            def __exit__(self, kind, error, trace):
                self.closed = True
        manager = Manager()
        with manager as entered:
            pass
        """)
    assert value(reader, "entered") == Const(5)
    assert value(reader, "manager.closed") == Const(True)


def test_a_context_is_around_its_body_only() -> None:
    weight = AbstractObject(Type.PARAMETERS, "weight", certain=True)
    code = "with x.no_grad():\n    weight.grad = None\nweight.grad = None"
    inside, outside = reading(code, weight=weight).graph.all(Kind.CLEAR)
    assert inside.contexts == {Context.NO_GRAD}
    assert outside.contexts == frozenset()
