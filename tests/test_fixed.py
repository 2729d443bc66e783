"""What `--fix --unsafe-fixes` makes of each fixture, beside it as `<name>.fixed.py`: the functions and other statements
that it changes, as they are then. `looplint prove` runs these in place of those of the fixture.

`pytest tests/test_fixed.py --update-goldens` writes them anew: read the difference before you commit it.
"""

from __future__ import annotations

import ast
import functools
import io
import tokenize
from collections import Counter
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


class OverSeveralRows(libcst.CSTTransformer):
    """Every call over several rows, with a comment behind each argument and each statement, and one above it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.in_f_strings = 0

    def comment(self) -> libcst.Comment:
        self.count += 1
        return libcst.Comment(f"# comment {self.count}")

    def row_end(self) -> libcst.TrailingWhitespace:
        return libcst.TrailingWhitespace(libcst.SimpleWhitespace("  "), self.comment())

    def new_row(self) -> libcst.ParenthesizedWhitespace:
        space = libcst.SimpleWhitespace("    ")
        return libcst.ParenthesizedWhitespace(self.row_end(), indent=True, last_line=space)

    def visit_FormattedString(self, node: libcst.FormattedString) -> None:
        self.in_f_strings += 1

    def leave_FormattedString(
        self, original_node: libcst.FormattedString, updated_node: libcst.FormattedString
    ) -> libcst.FormattedString:
        self.in_f_strings -= 1
        return updated_node

    def leave_Call(self, original_node: libcst.Call, updated_node: libcst.Call) -> libcst.Call:
        if self.in_f_strings or not updated_node.args or isinstance(updated_node.args[0].value, libcst.GeneratorExp):
            return updated_node
        nothing = libcst.SimpleWhitespace("")
        args = [
            arg.with_changes(comma=libcst.Comma(whitespace_after=self.new_row()), whitespace_after_arg=nothing)
            for arg in updated_node.args
        ]
        return updated_node.with_changes(args=args, whitespace_before_args=self.new_row())

    def leave_SimpleStatementLine(
        self, original_node: libcst.SimpleStatementLine, updated_node: libcst.SimpleStatementLine
    ) -> libcst.SimpleStatementLine:
        above = libcst.EmptyLine(comment=self.comment())
        if updated_node.trailing_whitespace.comment is None:
            updated_node = updated_node.with_changes(trailing_whitespace=self.row_end())
        return updated_node.with_changes(leading_lines=[*updated_node.leading_lines, above])


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def with_one_fixed_function(file: Path) -> str:
    """A fixture without its functions, but for the first one that a fix changes and those that it calls."""
    text = file.read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    fixed = statements(file.with_suffix(".fixed.py").read_text(encoding="utf-8"))
    waiting = [name for name in functions if name in fixed][:1]
    kept: set[str] = set()
    while waiting:
        kept.add(name := waiting.pop())
        named = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
        waiting += (named & functions.keys()) - kept
    return "\n\n".join(code for name, code in statements(text).items() if name not in functions or name in kept)


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.with_suffix(".fixed.py").exists()], ids=lambda file: file.stem
)
def test_no_comment_is_lost_where_code_spans_several_rows(file: Path) -> None:
    text = libcst.parse_module(with_one_fixed_function(file)).visit(OverSeveralRows()).code
    fixed = fix(text.encode()).new.decode()
    ast.parse(fixed)
    assert not comments(text) - comments(fixed)
