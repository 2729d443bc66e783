"""Which of many events are compared."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind
from looplint.events.queries.loops import nearby as queries

ROUND = "for x, y in loader:\n    optimizer.step()\n    model(x).sum().backward()\n"


@pytest.mark.parametrize(("times", "number"), [(queries.MANY, queries.MANY), (queries.MANY + 1, 1)])
def test_of_many_events_those_in_the_same_loop_are_compared(times: int, number: int) -> None:
    graph = graph_of(ROUND * times)
    step, backwards = graph.all(Kind.STEP)[3], graph.all(Kind.BACKWARD)
    assert len(queries.in_same_loop(step, backwards)) == number


@pytest.mark.parametrize(
    ("times", "order"), [(queries.MANY, [0, 1, 2]), (queries.MANY + 1, [3, 2, 1])], ids=["few", "many"]
)
def test_of_many_events_the_nearest_before_come_first(times: int, order: list[int]) -> None:
    graph = graph_of("optimizer.step()\n" * times)
    steps = graph.all(Kind.STEP)
    assert queries.nearest_before(steps[3], steps)[:3] == [steps[index] for index in order]
