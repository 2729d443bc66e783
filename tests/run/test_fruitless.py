"""The work on entry points that lead to no candidate for a mistake."""

from __future__ import annotations

import ast

import pytest

from looplint.run.fruitless import FRUITLESS, FRUITLESS_ELSEWHERE, Fruitless

OWN, OTHER = ast.Pass(), ast.Pass()


def spent(
    *, trains: bool, joins: bool, work: int = FRUITLESS_ELSEWHERE + 1, events: bool = False, reaches: bool = False
) -> Fruitless:
    found = Fruitless("a.py", {OWN}, trains=trains, joins=joins)
    found.add(work, {OWN if reaches else OTHER}, [{"b.py"}], events)
    return found


def test_a_file_about_training_may_cost_more() -> None:
    assert spent(trains=False, joins=False).too_much
    assert not spent(trains=True, joins=False).too_much
    assert spent(trains=True, joins=False, work=FRUITLESS + 1).too_much


def test_what_imports_training_may_cost_more_where_it_comes_to_an_event() -> None:
    assert spent(trains=False, joins=True).too_much
    assert not spent(trains=False, joins=True, events=True).too_much


@pytest.mark.parametrize("files", [[{"a.py"}], [{"b.py"}, {"c.py", "a.py"}]])
def test_what_leads_to_a_candidate_is_no_fruitless_work(files: list[set[str]]) -> None:
    assert not spent(trains=False, joins=False, reaches=True).too_much
    found = Fruitless("a.py", {OWN}, trains=False, joins=False)
    found.add(FRUITLESS * 2, {OTHER}, files, False)
    assert not found.too_much


def test_work_that_comes_to_an_event_counts_for_a_part_beside_other_work() -> None:
    found = spent(trains=False, joins=True, work=FRUITLESS - 400, events=True)
    assert not found.too_much and found.bound == FRUITLESS_ELSEWHERE
    found.add(101, {OTHER}, [], False)
    assert found.too_much
    assert spent(trains=False, joins=True, work=FRUITLESS + 1, events=True).too_much
