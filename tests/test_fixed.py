"""What `--fix --unsafe-fixes` makes of each fixture, beside it as `<name>.fixed.py`: the functions and other statements
that it changes, as they are then. `looplint prove` runs these in place of those of the fixture.

`pytest tests/test_fixed.py --update-goldens` writes them anew: read the difference before you commit it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from pathlib import Path

import libcst
import pytest
from marked import ALL_RULES
from test_fixtures import FILES

from looplint import Finding, check_source
from looplint.fix import FixResult, fix_bytes


@functools.lru_cache(maxsize=4)
def lint(raw: bytes) -> Sequence[Finding]:
    """A fix ends with a look at what is left, which the tests ask for again."""
    return check_source(raw, "fixture.py", ALL_RULES)


def fix(raw: bytes) -> FixResult:
    return fix_bytes(raw, "fixture.py", lint, unsafe=True)


def statements(text: str) -> dict[str, str]:
    """The top-level statements of a file, comments above them included, by what they define or by their text."""
    found: dict[str, str] = {}
    rows, start = text.splitlines(keepends=True), 0
    for statement in ast.parse(text).body:
        code = "".join(rows[start : statement.end_lineno]).strip("\n") + "\n"
        start = statement.end_lineno or start
        found[getattr(statement, "name", code)] = code
    return found


def changed(before: str, after: str) -> str:
    """The statements of a fixed file that differ from those of the fixture; empty if none does."""
    old, new = statements(before), statements(after)
    assert [name for name in old if name.isidentifier()] == [name for name in new if name.isidentifier()]
    return "\n\n".join(code for name, code in new.items() if old.get(name) != code)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_fixes_leave_valid_code_in_which_nothing_is_left_to_fix(file: Path, update_goldens: bool) -> None:
    golden = file.with_suffix(".fixed.py")
    raw = file.read_bytes()
    result = fix(raw)
    ast.parse(result.new)
    assert result.notes == ()
    assert [f"{f.location.row}: {f.name}" for f in lint(result.new) if f.fix] == []
    assert fix(result.new).new == result.new
    made = changed(raw.decode(), result.new.decode())
    assert bool(made) == (result.new != raw)
    if update_goldens and made:
        golden.write_text(made, encoding="utf-8")
    elif update_goldens:
        golden.unlink(missing_ok=True)
    assert made == (golden.read_text(encoding="utf-8") if golden.exists() else "")
    compare_as_libcst_reads_them(raw, result.new)


def compare_as_libcst_reads_them(old: bytes, new: bytes) -> None:
    """libcst keeps every character: fixes leave newlines, indentation and functions as they were."""
    before, after = map(libcst.parse_module, (old, new))
    assert after.bytes == new
    assert (after.default_indent, after.default_newline) == (before.default_indent, before.default_newline)
    assert len(after.header) == len(before.header)
    assert [d.name.value for d in after.body if isinstance(d, libcst.FunctionDef)] == [
        d.name.value for d in before.body if isinstance(d, libcst.FunctionDef)
    ]
