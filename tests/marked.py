"""Code whose comments say what looplint finds in it, as in `fixtures/` and `reference/libraries/`.

# expect: name, name       exactly these findings on this row
# ok: name                 this row must stay silent about it
# todo-expect: name        a known miss: fails when it is found, so that it gets promoted
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from looplint import check_source
from looplint.project.catalog import rules
from looplint.project.config import settings
from looplint.project.selection import selectable

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


def problems(file: Path) -> list[str]:
    """Where the findings of all rules on a file are not what its marks say."""
    text = file.read_text(encoding="utf-8")
    marked = marks(text)
    assert {said for places in marked.values() for _, said in places} <= NAMES, "a mark that names no rule"
    expected, silent, missed = marked["expect"], marked["ok"], marked["todo-expect"]
    found: Places = Counter((f.location.row, f.name) for f in check_source(text, str(file), ALL_RULES))
    wrong = {
        "expected, and not found": expected - found,
        "found by now, promote it to expect": missed & found,
        "found where it is ok": silent & (found - expected),
        "found, and not expected": found - expected - silent - missed,
        "both expected and not": expected & (silent | missed),
    }
    return [f"{row}: {name}: {what}" for what, places in wrong.items() for row, name in sorted(places)]
