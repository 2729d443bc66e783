"""Code laid out otherwise means the same: statements that share a row, suites on the row of their head, calls and
values over several rows, brackets around statements. The findings stay, and so do their fixes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import libcst as cst
import pytest
from marked import ALL_RULES

from looplint import check_source

FIXTURES = Path(__file__).parents[1] / "fixtures"
RELAID = (
    "bypassed_backward",
    "discarded_to_result",
    "dropout_out_of_reach",
    "layers_in_plain_list",
    "loss_class_called_with_tensors",
    "missing_distributed_sampler",
    "model_replaced_by_load_result",
    "parameters_replaced_after_optimizer",
    "rebound_parameter",
    "sample_changed_in_place",
    "scheduler_made_after_loading",
    "unscaled_backward",
)
"""Those of which findings or fixes once came or went with the layout."""

NO_FIX_OVER_ROWS = ("bypassed_backward", "unscaled_backward")
"""Those whose fix writes a call again, which it does not for one over several rows."""

NEW_ROW = cst.ParenthesizedWhitespace(
    first_line=cst.TrailingWhitespace(newline=cst.Newline()), indent=True, last_line=cst.SimpleWhitespace("    ")
)
NEXT = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))


class WithoutComments(cst.CSTTransformer):
    def leave_TrailingWhitespace(
        self, original_node: cst.TrailingWhitespace, updated_node: cst.TrailingWhitespace
    ) -> cst.TrailingWhitespace:
        return updated_node.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))

    def leave_EmptyLine(self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine) -> cst.EmptyLine:
        return updated_node.with_changes(comment=None)


class SharedRows(cst.CSTTransformer):
    """`a; b`, for statements of one block."""

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        body: list[cst.BaseStatement] = []
        for each in updated_node.body:
            last = body[-1] if body else None
            if isinstance(last, cst.SimpleStatementLine) and isinstance(each, cst.SimpleStatementLine):
                body[-1] = last.with_changes(body=_in_a_row([*last.body, *each.body]))
            else:
                body.append(each)
        return updated_node.with_changes(body=body)


class OneLineSuites(cst.CSTTransformer):
    """`if a: b; c`."""

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        lines = [each for each in updated_node.body if isinstance(each, cst.SimpleStatementLine)]
        if len(lines) < len(updated_node.body):
            return updated_node
        return cst.SimpleStatementSuite(_in_a_row([small for line in lines for small in line.body]))


class CallsOverRows(cst.CSTTransformer):
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if not updated_node.args:
            return updated_node
        *first, last = updated_node.args
        args = [*first, last.with_changes(whitespace_after_arg=NEW_ROW)]
        return updated_node.with_changes(whitespace_before_args=NEW_ROW, args=args)


class BracketedValues(cst.CSTTransformer):
    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        value = updated_node.value
        if not isinstance(value, cst.Call) or value.lpar:
            return updated_node
        left, right = cst.LeftParen(whitespace_after=NEW_ROW), cst.RightParen(whitespace_before=NEW_ROW)
        return updated_node.with_changes(value=value.with_changes(lpar=[left], rpar=[right]))


class BracketedStatements(cst.CSTTransformer):
    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr:
        value = updated_node.value
        if not isinstance(value, cst.Call) or value.lpar:
            return updated_node
        left, right = cst.LeftParen(whitespace_after=NEW_ROW), cst.RightParen(whitespace_before=NEW_ROW)
        return updated_node.with_changes(value=value.with_changes(lpar=[left], rpar=[right]))


def _in_a_row(statements: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    return [*(each.with_changes(semicolon=NEXT) for each in statements[:-1]), statements[-1]]


def findings(text: str, fixes: bool) -> Counter[tuple[str, str, bool]]:
    """The findings by the function or class that they are in and, with `fixes`, by whether they have one."""
    tops = [top for top in ast.parse(text).body if isinstance(top, ast.FunctionDef | ast.ClassDef)]
    found: Counter[tuple[str, str, bool]] = Counter()
    for finding in check_source(text, "code.py", ALL_RULES):
        row = finding.location.row
        top = next((t.name for t in tops if t.lineno <= row <= (t.end_lineno or 0)), "")
        found[top, finding.code, fixes and finding.fix is not None] += 1
    return found


@pytest.mark.parametrize("name", RELAID)
def test_the_layout_of_code_changes_no_finding(name: str) -> None:
    module = cst.parse_module((FIXTURES / f"{name}.py").read_text(encoding="utf-8")).visit(WithoutComments())
    fixes = name not in NO_FIX_OVER_ROWS
    expected = findings(module.code, fixes)
    for layout in (SharedRows, OneLineSuites, CallsOverRows, BracketedValues, BracketedStatements):
        assert findings(module.visit(layout()).code, fixes) == expected, layout.__name__
