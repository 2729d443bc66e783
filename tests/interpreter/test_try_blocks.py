"""`try`: the body, its handlers, and what runs on each way out."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import EventGraph, Kind
from looplint.interpreter.values import Const, alternatives


def pairs(graph: EventGraph) -> set[tuple[str, str]]:
    """Which event can come next after which, by what they are about."""
    return {
        (first.subject.name, second.subject.name)
        for first in graph.all(Kind.READ)
        for second in graph.all(Kind.READ)
        if graph.path(first, to=Kind.READ, about=second.subject) is not None and first is not second
    }


def test_a_handler_may_run_in_place_of_the_rest() -> None:
    found = pairs(reading("use(a.grad)\ntry:\n    use(b.grad)\nexcept ValueError:\n    use(c.grad)\nuse(d.grad)").graph)
    assert {("a", "c"), ("a", "d"), ("c", "d"), ("b", "d")} <= found


def test_else_runs_behind_the_body_and_not_behind_a_handler() -> None:
    found = pairs(reading("try:\n    use(b.grad)\nexcept ValueError:\n    use(c.grad)\nelse:\n    use(e.grad)").graph)
    assert ("b", "e") in found and ("c", "e") not in found


def test_finally_runs_before_a_return_leaves_the_function() -> None:
    found = reading(
        "def f():\n    try:\n        return use(a.grad)\n    finally:\n        use(b.grad)\nf()\nuse(c.grad)"
    ).graph
    assert {("a", "b"), ("b", "c")} <= pairs(found)


def test_what_is_bound_in_the_body_or_the_handler_is_either() -> None:
    reader = reading("try:\n    x = 1\n    given()\nexcept ValueError:\n    x = 2\ny = x")
    assert set(alternatives(value(reader, "y"))) == {Const(1), Const(2)}
