"""The fixtures, linted with all rules on: every finding stands where it is expected, and nowhere else.

# expect: name, name       exactly these findings on this row
# ok: name                 this row must stay silent about it
# todo-expect: name        a known miss: fails when it is found, so that it gets promoted
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from looplint import check_source
from looplint.project.catalog import folder, rules
from looplint.project.config import settings
from looplint.project.selection import selectable

FILES = sorted(file for file in folder("fixtures").glob("[!_]*.py") if not file.name.endswith(".fixed.py"))
ALL_RULES = settings(select=["ALL", *(rule.code for rule in rules() if rule.off)], preview=True)
NAMES = {rule.name for rule in selectable(rules())}
MARK = re.compile(r"# (expect|ok|todo-expect): ([a-z][\w-]*(?:, *[a-z][\w-]*)*)(?=\s*(?:#|$))")

Places = Counter[tuple[int, str]]


def marks(text: str) -> dict[str, Places]:
    """The rows and rule names of each kind of mark. A comment that looks like one and is none fails the test."""
    found: dict[str, Places] = {"expect": Counter(), "ok": Counter(), "todo-expect": Counter()}
    for row, line in enumerate(text.splitlines(), 1):
        here = MARK.findall(line)
        assert len(here) == len(re.findall(r"#\s*(?:expect|ok|todo-expect)\b", line)), f"row {row}: {line.strip()}"
        for kind, names in here:
            found[kind].update((row, name.strip()) for name in names.split(","))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_finding_stands_where_it_is_expected_and_nowhere_else(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    marked = marks(text)
    assert {said for places in marked.values() for _, said in places} <= NAMES, "a mark that names no rule"
    expected, silent, missed = marked["expect"], marked["ok"], marked["todo-expect"]
    found: Places = Counter((f.location.row, f.name) for f in check_source(text, str(file), ALL_RULES))
    problems = {
        "expected, and not found": expected - found,
        "found by now, promote it to expect": missed & found,
        "found where it is ok": silent & (found - expected),
        "found, and not expected": found - expected - silent - missed,
        "both expected and not": expected & (silent | missed),
    }
    assert [f"{row}: {name}: {what}" for what, places in problems.items() for row, name in sorted(places)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_fixture_shows_its_mistake_and_its_cure(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    functions = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [n for n, times in Counter(node.name for node in functions).items() if times > 1] == []
    flagged = {row for row, name in marks(text)["expect"] if name == file.stem.replace("_", "-")}
    assert flagged, "no row expects it"
    assert any(not flagged & set(range(node.lineno, (node.end_lineno or 0) + 1)) for node in functions), "none is clean"
