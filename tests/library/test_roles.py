"""What an object is, by its name and by its other uses in the file."""

from __future__ import annotations

import pytest
from hand_made import happened
from with_library import reading

from looplint.events import AbstractObject, Kind, Type


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("opt.zero_grad()", [(Kind.CLEAR, "opt")]),
        ("thing.zero_grad()\nthing.step()", [(Kind.CLEAR, "thing"), (Kind.STEP, "thing")]),
        ("thing.step()", []),
        ("scheduler.step()", [(Kind.SCHEDULE, "scheduler")]),
        (
            "engine.backward(loss)\nengine.step()",
            [(Kind.BACKWARD, "loss"), (Kind.STEP, "engine"), (Kind.CLEAR, "engine")],
        ),
        ("thing.eval()", [(Kind.EVAL, "thing")]),
        ("model.eval()", [(Kind.EVAL, "model")]),
        ("thing.eval(query)", []),
    ],
)
def test_a_name_and_its_uses_say_what_a_method_does(code: str, found: list[tuple[Kind, str]]) -> None:
    kinds = (Kind.CLEAR, Kind.STEP, Kind.SCHEDULE, Kind.BACKWARD, Kind.EVAL)
    assert happened(reading(code), *kinds) == found


def test_of_several_optimizers_one_steps() -> None:
    first, second = (AbstractObject(Type.OPTIMIZER, name, certain=True) for name in ("first", "second"))
    code = "for opt in [first, second]:\n    opt.step()"
    (step,) = reading(code, first=first, second=second).graph.all(Kind.STEP)
    assert step.subjects == (first, second)
