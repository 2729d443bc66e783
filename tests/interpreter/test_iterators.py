"""One-shot iterators: where they are created and consumed."""

from __future__ import annotations

from hand_made import reading

from looplint.events import Kind


def test_a_name_for_an_iterator_is_consumed_by_each_loop_over_it() -> None:
    reader = reading("pairs = zip(a, b)\nfor x in pairs:\n    pass\nfor x in pairs:\n    break")
    events = reader.graph.all(Kind.ITERATE)
    assert [(event.written, event.options["left"]) for event in events] == [("pairs", False), ("pairs", True)]
    assert events[0].subject is events[1].subject


def test_a_name_that_is_bound_anew_stands_for_no_iterator() -> None:
    assert reading("pairs = zip(a, b)\npairs = list(pairs)\nfor x in pairs:\n    pass").graph.all(Kind.ITERATE) == []


def test_what_can_be_gone_through_again_is_not_followed() -> None:
    assert reading("row = [1, 2]\nfor x in row:\n    pass").graph.all(Kind.ITERATE) == []
