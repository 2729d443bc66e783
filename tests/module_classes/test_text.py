"""The text of a parsed file: places in characters, and comments."""

from __future__ import annotations

import ast

from looplint.module_classes.text import Text

LINES = ["# above", 'é = "ü"; x = f(1,', "      2)  # beside", "y = 3"]


def test_columns_count_characters_from_one() -> None:
    text = Text("net.py", LINES)
    assignment = ast.parse("\n".join(LINES)).body[1]
    place = text.place(assignment)
    assert (place.row, place.column, place.end_row) == (2, 10, 3)
    assert place.text == "x = f(1,\n      2)"


def test_the_head_is_the_first_row() -> None:
    place = Text("net.py", LINES).place(ast.parse("\n".join(LINES)).body[1], head=True)
    assert (place.row, place.end_row, place.text) == (2, 2, "")
    assert place.end_column == len(LINES[1]) + 1


def test_comments_beside_and_above() -> None:
    text = Text("net.py", LINES)
    comments = text.comments(text.place(ast.parse("\n".join(LINES)).body[1]))
    assert "above" in comments and "beside" in comments
    assert text.comments(text.place(ast.parse("\n".join(LINES)).body[2])).split() == ["beside"]
