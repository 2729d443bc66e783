"""Rows of methods by name."""

from __future__ import annotations

from looplint.library.method_rows import MethodCall, Table, row


def test_a_row_is_tried_behind_those_of_the_same_name() -> None:
    table: Table = {}

    @row(table, ("a", "b"))
    def first(call: MethodCall) -> None: ...

    @row(table, ("b",))
    def second(call: MethodCall) -> None: ...

    assert table == {"a": (first,), "b": (first, second)}
