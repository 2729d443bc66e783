"""Attributes whose parameters a class freezes."""

from __future__ import annotations

import ast
from textwrap import indent

import pytest

from looplint.module_classes.frozen_attributes import is_frozen

LOOP = "for p in self.body.parameters():\n    p.requires_grad = False"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (LOOP, True),
        ("self.body.requires_grad_(False)", True),
        ("self.body.requires_grad_(False)\nself.body.head = Linear(2, 2)", False),
        ("self.body.requires_grad_(False)\nself.other.requires_grad_(True)", False),
        (f"{LOOP}\nsetattr(self, name, Linear(2, 2))", False),
        ("self.other.requires_grad_(False)", False),
    ],
)
def test_what_a_class_freezes_and_never_trains_again(code: str, expected: bool) -> None:
    tree = ast.parse("class Net:\n    def __init__(self):\n" + indent(code, " " * 8))
    cls = tree.body[0]
    assert isinstance(cls, ast.ClassDef) and is_frozen(cls, "body") is expected
