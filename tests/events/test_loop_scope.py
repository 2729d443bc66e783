"""Loops of the program."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind


@pytest.mark.parametrize(
    ("head", "written", "data", "counts"),
    [
        ("for x in loader", True, True, False),
        ("for i in range(3)", True, False, True),
        ("for name in ['a', 'b']", True, False, False),
        ("while True", True, False, False),
    ],
)
def test_what_a_loop_goes_over(head: str, written: bool, data: bool, counts: bool) -> None:
    (step,) = graph_of(f"{head}:\n    optimizer.step()").all(Kind.STEP)
    (scope,) = step.loops
    assert (scope.is_written, scope.is_call) == (written, False)
    assert (scope.goes_over_data, scope.counts, scope.takes_rows) == (data, counts, False)


def test_repeated_calls_of_a_function_are_a_loop_that_is_not_written() -> None:
    (step,) = graph_of("def update(optimizer):\n    optimizer.step()", name="update").all(Kind.STEP)
    assert [(scope.is_call, scope.is_written) for scope in step.loops] == [(True, False)]
