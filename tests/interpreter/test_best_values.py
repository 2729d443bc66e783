"""Best values, and the counters beside them."""

from __future__ import annotations

import pytest
from hand_made import reading

from looplint.events import Kind

LOOP = """\
best = 0.0
wait = 0
for epoch in range(9):
    score = measure(epoch)
    if score > best:
        best = score
        wait = 0
    else:
        wait += 1
    if wait >= 3:
        break
"""


def said(code: str) -> list[tuple[str, str]]:
    return [(event.written, str(event.how)) for event in reading(code).graph.all(Kind.RECORD)]


def test_a_value_is_replaced_and_its_counter_begins_counts_and_stops() -> None:
    assert said(LOOP) == [("best", "better"), ("wait", "begins"), ("wait", "counts"), ("wait", "stops")]


@pytest.mark.parametrize("margin", ["score > best + 0.1", "score - 0.1 > best", "score > best and epoch"])
def test_a_comparison_may_have_a_margin_or_be_a_part(margin: str) -> None:
    assert ("best", "better") in said(LOOP.replace("score > best", margin))


def test_what_happens_outside_of_a_loop_is_no_record() -> None:
    assert said("best = 0.0\nif score > best:\n    best = score") == []


def test_another_name_is_none() -> None:
    assert said("for x in y:\n    if a > b:\n        c = a") == []
