"""The result of a run over files."""

from __future__ import annotations

from looplint.notice import Notice
from looplint.run.result import Defect, Result


def test_results_are_added_and_each_loop_counts_once() -> None:
    whole = Result(followed={("a.py", 1, 1)}, files=1)
    whole.add(
        Result(notes=[Notice("is not UTF-8", "b.py", "unreadable")], followed={("a.py", 1, 1), ("b.py", 3, 1)}, files=2)
    )
    assert (whole.loops, whole.files, len(whole.notes)) == (2, 3, 1)


def test_an_error_is_one_of_looplint_or_of_a_rule() -> None:
    assert str(Defect("a.py", "ValueError: x")) == "a.py: internal error: ValueError: x"
    assert str(Defect("a.py", "ValueError: x", "lint/rule.py:12")) == "lint/rule.py:12: ValueError: x, in a.py"
