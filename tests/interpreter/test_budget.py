"""Budgets of one graph."""

from __future__ import annotations

from looplint.interpreter.budget import BUDGET, FEW_FILES, FILES, IDLE, PATIENCE, PATIENCE_BY_IMPORT, Budget


def test_the_first_event_grants_the_rest() -> None:
    budget = Budget(trains=True, patient=True)
    assert (budget.left, budget.limit, budget.files) == (PATIENCE, PATIENCE, FILES)
    budget.left -= 100
    budget.grant()
    budget.grant()
    assert (budget.left, budget.limit, budget.events) == (BUDGET - 100, BUDGET, 2)


def test_files_that_train_by_what_they_import_or_not_at_all_have_less() -> None:
    assert Budget(trains=True, patient=False).left == PATIENCE_BY_IMPORT
    assert Budget(trains=False, patient=False).files == FEW_FILES


def test_a_call_without_an_event_is_free_until_too_much_was() -> None:
    budget = Budget(trains=True, patient=True)
    budget.left -= 500
    budget.refund(PATIENCE, events=0)
    assert budget.left == PATIENCE
    budget.left = PATIENCE - IDLE
    budget.refund(PATIENCE, events=0)
    assert budget.left == PATIENCE - IDLE, "only 59,500 expressions were still free"


def test_a_call_with_an_event_is_paid_for() -> None:
    budget = Budget(trains=True, patient=True)
    budget.grant()
    budget.left -= 500
    left = budget.left
    budget.refund(left + 500, events=0)
    assert budget.left == left


def test_in_code_that_trains_nothing_calls_are_paid_for_before_the_first_event() -> None:
    budget = Budget(trains=False, patient=False)
    left = budget.left
    budget.left -= 500
    budget.refund(left, events=0)
    assert budget.left == left - 500


def test_a_least_budget_is_kept() -> None:
    budget = Budget(trains=True, patient=True)
    budget.left = 3
    budget.keep(10)
    budget.keep(5)
    assert budget.left == 10
