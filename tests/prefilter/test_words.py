"""Words in bytes, and their surroundings."""

from __future__ import annotations

from looplint.prefilter.words import Row, around, last_names, line_before, shortest, some


def test_a_row_needs_one_of_its_words_and_one_of_each_group_beside() -> None:
    row = Row(("STEP",), (b".a(", b".b("), ((b"x", b"y"), (b"z",)))
    assert row.stands_in(b"q.b() y z")
    assert not row.stands_in(b"q.b() y") and not row.stands_in(b"x y z")


def test_what_stands_around_a_word() -> None:
    assert list(around(b"1 ab 2 ab 3", b"ab")) == [(b"1 ", b" 2 "), (b" 2 ", b" 3")]
    assert list(around(b"1 2", b"ab")) == []
    assert line_before(b"first\n  second = ") == b"  second = "


def test_last_names_come_once_and_in_order() -> None:
    assert last_names(["b.y", "a.x", "c.y"]) == (b"x", b"y")
    assert some((b"q", b"x"), b"xyz") and not some((b"q",), b"xyz")


def test_of_words_that_contain_others_the_shortest_are_left() -> None:
    assert shortest([b"reduce(", b"all_reduce(", b"barrier("]) == (b"barrier(", b"reduce(")
