"""Source ranges."""

from __future__ import annotations

from looplint.events import Place

FIRST = Place("a.py", 1, 1, 1, 9)


def test_a_range_before_another_one_or_around_it() -> None:
    second, inner = Place("a.py", 1, 9, 2, 3), Place("a.py", 1, 2, 1, 9)
    assert FIRST.before(second) and not second.before(FIRST) and not FIRST.before(inner)
    assert FIRST.encloses(inner) and FIRST.encloses(FIRST) and not FIRST.encloses(second)


def test_ranges_of_different_files_have_no_order() -> None:
    other = Place("b.py", 5, 1, 5, 2)
    assert not FIRST.before(other) and not Place("b.py", 1, 1, 9, 9).encloses(FIRST)


def test_the_text_of_a_range_is_not_compared() -> None:
    assert Place("a.py", 1, 1, 1, 9, "step()") == FIRST
