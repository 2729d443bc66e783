"""Datasets whose `__getitem__` changes in place what they keep."""

from __future__ import annotations

import pytest
from with_library import reading

from looplint.events import Kind


def changed(body: str, keeps: str = "[torch.zeros(3)]", base: str = "data.Dataset") -> list[str]:
    lines = "\n        ".join(body.splitlines())
    code = f"""\
class Own({base}):
    def __init__(self):
        self.rows = {keeps}
    def __getitem__(self, index):
        {lines}
own = Own()
"""
    return [event.written for event in reading(code).graph.all(Kind.CHANGE)]


@pytest.mark.parametrize(
    "body",
    [
        "row = self.rows[index]\nrow -= row.mean()\nreturn row",
        "self.rows[index].sub_(1)\nreturn self.rows[index]",
        "row = self.rows[index]\nrow[0] = row[0] / 255\nreturn row",
    ],
)
def test_a_sample_that_is_changed_where_it_is_kept(body: str) -> None:
    assert changed(body) == ["self.rows[index]"]


@pytest.mark.parametrize(
    "body",
    [
        "row = self.rows[index].clone()\nrow -= row.mean()\nreturn row",
        "row = self.rows[index]\nrow = row - row.mean()\nreturn row",
    ],
    ids=["a copy", "a new tensor"],
)
def test_a_sample_that_is_not(body: str) -> None:
    assert changed(body) == []


def test_numbers_in_a_list_cannot_be_changed_in_place() -> None:
    assert changed("row = self.rows[index]\nrow -= 1\nreturn row", keeps="[1, 2]") == []


def test_only_datasets_are_looked_at() -> None:
    assert changed("row = self.rows[index]\nrow -= 1\nreturn row", base="Own2") == []
