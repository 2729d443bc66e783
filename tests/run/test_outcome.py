"""The result of analysing entry points."""

from __future__ import annotations

import ast

from looplint.events import Place
from looplint.run.outcome import Cut, Fault, Outcome, format_error

HERE = Place("a.py", 1, 1, 1, 2)
THERE = Place("a.py", 5, 1, 5, 2)


def test_outcomes_are_added() -> None:
    first, second = ast.Pass(), ast.Pass()
    whole = Outcome(inlined={first}, loops={HERE: {"a.py"}}, work=3, callers="there are many")
    whole.add(
        Outcome(
            inlined={second},
            loops={HERE: {"b.py"}, THERE: {"a.py"}},
            work=4,
            given_up=True,
            errors=[Fault("oh")],
            cuts=[Cut("f", HERE, "it is long", True)],
            callers="they are long",
        )
    )
    assert whole.inlined == {first, second}
    assert whole.loops == {HERE: {"a.py", "b.py"}, THERE: {"a.py"}}
    assert (whole.work, whole.given_up, whole.events) == (7, True, False)
    assert (len(whole.errors), len(whole.cuts), whole.callers) == (1, 1, "there are many")


def test_an_error_says_where_it_was_raised() -> None:
    try:
        int("x")
    except ValueError as error:
        assert format_error(error).startswith("ValueError: invalid literal")
        assert "(test_outcome.py:" in format_error(error)
    assert format_error(ValueError("y")) == "ValueError: y (?)"


def test_what_was_evaluated_once_counts_as_what_was_evaluated_twice() -> None:
    assert Outcome(work=7).effort == 7
    assert Outcome(work=7, in_vain={ast.Pass()}).effort == 14
