"""Which events can happen together, by the conditions around them and by what chose their subjects."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind

LOSSES = 'LOSSES = {"a": nn.MSELoss, "b": nn.L1Loss}\n'


@pytest.mark.parametrize(
    ("made", "meets"),
    [
        ("criterion = LOSSES[chosen]()\ncriterion(model(x), y)", [False, False]),
        ("for loss in (nn.MSELoss, nn.L1Loss):\n    criterion = loss()\n    criterion(model(x), y)", [True, True]),
        ("for key in LOSSES:\n    criterion = LOSSES[key]()\n    criterion(model(x), y)", [True, True]),
        ("for a in LOSSES:\n    criterion = LOSSES[other.a]()\n    criterion(model(x), y)", [False, False]),
        ("criterion = nn.MSELoss()\ncriterion(model(x), y)", [True]),
    ],
    ids=["by a key", "each in turn", "each key in turn", "an attribute of that name", "one"],
)
def test_what_a_key_chose_may_be_excluded_and_what_a_loop_gives_in_turn_is_not(made: str, meets: list[bool]) -> None:
    graph = graph_of(LOSSES + made)
    grades = graph.all(Kind.GRADE)
    assert [graph.can_meet(grade, *grade.inputs) for grade in grades] == meets


def test_the_conditions_of_events_are_those_around_all_of_them() -> None:
    graph = graph_of("if warm:\n    optimizer.step()\n    if late:\n        optimizer.zero_grad()\n")
    (step,), (clear,) = graph.all(Kind.STEP), graph.all(Kind.CLEAR)
    assert sorted(one.partition(" [")[0] for one in graph.conditions(clear)) == ["late", "warm"]
    assert [one.partition(" [")[0] for one in graph.conditions(step, clear)] == ["warm"]
