"""The fixtures, linted with all rules on: every finding stands where it is expected, and nowhere else."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from marked import marks, problems

from looplint.project.catalog import folder

FILES = sorted(file for file in folder("fixtures").glob("[!_]*.py") if not file.name.endswith(".fixed.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_finding_stands_where_it_is_expected_and_nowhere_else(file: Path) -> None:
    assert problems(file) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_fixture_shows_its_mistake_and_its_cure(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    functions = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [n for n, times in Counter(node.name for node in functions).items() if times > 1] == []
    flagged = {row for row, name in marks(text)["expect"] if name == file.stem.replace("_", "-")}
    assert flagged, "no row expects it"
    assert any(not flagged & set(range(node.lineno, (node.end_lineno or 0) + 1)) for node in functions), "none is clean"
