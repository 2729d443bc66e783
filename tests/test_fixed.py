"""What `--fix --unsafe-fixes` makes of each fixture, beside it as `<name>.fixed.py`; `looplint prove` runs these.

`pytest tests/test_fixed.py --update-goldens` writes them anew: read the difference before you commit it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_fixtures import ALL_RULES, FILES

from looplint import Finding, check_source
from looplint.fix import FixResult, fix_bytes


def lint(raw: bytes) -> Sequence[Finding]:
    return check_source(raw, "fixture.py", ALL_RULES)


def fix(raw: bytes) -> FixResult:
    return fix_bytes(raw, "fixture.py", lint, unsafe=True)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_fixes_leave_valid_code_in_which_nothing_is_left_to_fix(file: Path, update_goldens: bool) -> None:
    golden = file.with_suffix(".fixed.py")
    raw = file.read_bytes()
    result = fix(raw)
    ast.parse(result.new)
    assert result.notes == ()
    assert [f"{f.location.row}: {f.name}" for f in lint(result.new) if f.fix] == []
    assert fix(result.new).new == result.new
    if update_goldens and result.new != raw:
        golden.write_bytes(result.new)
    elif update_goldens:
        golden.unlink(missing_ok=True)
    kept = golden.read_text(encoding="utf-8") if golden.exists() else file.read_text(encoding="utf-8")
    assert result.new.decode() == kept
