"""Replaces an expression or a comment."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from looplint.fix.program_text import ProgramText
from looplint.fix.splice import Change, Refused
from looplint.syntax.parse import parse
from looplint.syntax.walk import nodes

# Not expressions by themselves.
_NOT_ALONE = (ast.Starred, ast.Slice, ast.Tuple)
# Expressions that bind tighter than any operator around them (https://docs.python.org/3/reference/expressions.html).
_PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp)


def replaced(code: ProgramText, start: int, end: int, new: str) -> Change:
    """The change that replaces a region, an expression, a comment or (cut out) a part of one, by `new`.

    The new expression gets brackets where it needs them. Raises Refused.
    """
    text = code.text
    if not new and text.startswith("#", start):
        row = code.row(start)
        while start > code.start(row) and text[start - 1] in " \t\f":
            start -= 1
        if (start, end) == (code.start(row), code.end(row)):
            return Change(*code.lines(row, row), "")
        return Change(start, end, "")
    old = _expression(code, start, end)
    if old and _shown(_parsed(text[slice(*code.region(old))])) != _shown(old) and not isinstance(old, _NOT_ALONE):
        # Before Python 3.12 `ast` does not always know the positions of expressions in an f-string.
        raise Refused("it is inside an f-string, whose parts this version of Python cannot place")
    change, meant = Change(start, end, new), _parsed(new)
    if not new or old is None or code.region(old) != (start, end) or meant is None or isinstance(meant, _PRIMARY):
        return change
    if _stays(code, change, 0, meant):
        return change
    bracketed = Change(start, end, f"({new})")
    # The brackets of a tuple belong to it.
    if not _stays(code, bracketed, 1, meant) and not _stays(code, bracketed, 0, meant):
        raise Refused("the new expression does not fit in its place")
    return bracketed


def _stays(code: ProgramText, change: Change, inset: int, meant: ast.expr) -> bool:
    """Whether the new text, less `inset` characters on both sides, parses as the intended expression."""
    new = code.text[: change.start] + change.content + code.text[change.end :]
    code = ProgramText(new)
    region = change.start + inset, change.start + len(change.content) - inset
    try:
        read = _expression(code, *region)
    except SyntaxError:
        return False
    return read is not None and code.region(read) == region and _shown(read) == _shown(meant)


def _expression(code: ProgramText, start: int, end: int) -> ast.expr | None:
    """The smallest expression around a region."""
    row, found, size = code.row(start), None, len(code.text) + 1
    for node in _around(code.tree.body, row):
        if not isinstance(node, ast.expr) or isinstance(node, ast.FormattedValue):
            continue
        if node.lineno <= row <= (node.end_lineno or row):
            first, last = code.region(node)
            if first <= start and end <= last and last - first < size:
                found, size = node, last - first
    return found


def _parsed(expression: str) -> ast.expr | None:
    try:
        statement = parse(f"({expression}\n)").body[0]
    except SyntaxError:
        return None
    return statement.value if isinstance(statement, ast.Expr) else None


def _shown(node: ast.expr | None) -> str | None:
    """A text that is the same for equal expressions, wherever they are and whether they are read or assigned to."""
    return ast.unparse(node) if node else None


def _around(body: Sequence[ast.stmt], row: int) -> Iterator[ast.AST]:
    """Every node of the outermost statements that may contain a row."""
    for statement in body:
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))])
        if first <= row <= (statement.end_lineno or row):
            yield from nodes(statement)
