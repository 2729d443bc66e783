"""Comments of an excerpt that stand for code which it leaves out: `# ...`, `# rest of the loop as before`."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Collection, Sequence

from looplint.sources.embedded import Row
from looplint.syntax.parse import parse
from looplint.syntax.walk import nodes

_ELISION = re.compile(
    r"[ \t]*(?=#)(?:"
    r"#+[ \t]*[\[(<{]?[ \t]*(?:\.{2,}|\u2026)"  # `# ...`, `# [...]`, `# ... forward pass`
    r"|#.*(?:\.{3}|\u2026)[\])>}]?[ \t]*$"  # `# your model ...`
    r"|#+[ \t]*[\[(<{]?[ \t]*(?:the[ \t]+)?"
    r"(?:(?:same|rest|remainder)\b|as[ \t]+(?:before|above)\b|omitted\b"
    r"|(?:insert|your|some|more|other)\b.*\b(?:code|steps?|here)\b)"
    r")",
    re.IGNORECASE,
)
_FOR_LINTERS = re.compile(r"(?i)looplint|noqa")


def with_elisions(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, which parse, with the statement `...` in place of comments that stand for left-out code."""
    found = [index for index, row in enumerate(rows) if _ELISION.match(row.text) and not _FOR_LINTERS.search(row.text)]
    if found and (stands := _statements(_elided(rows, found))) is None:
        # One that is indented as nothing around it stays a comment.
        found = [index for index in found if _statements(_elided(rows, [index])) is not None]
        stands = _statements(_elided(rows, found))
    return _elided(rows, [index for index in found if index + 1 in (stands or ())])


def _elided(rows: Sequence[Row], found: Collection[int]) -> tuple[Row, ...]:
    return tuple(_as_statement(row) if index in found else row for index, row in enumerate(rows))


def _as_statement(row: Row) -> Row:
    code = row.text.lstrip(" \t")
    return dataclasses.replace(row, text=f"{row.text[: len(row.text) - len(code)]}...  {code}")


def _statements(rows: Sequence[Row]) -> set[int] | None:
    """The rows, counted from 1, with a statement `...`, not an argument or an element; None if they do not parse."""
    try:
        tree = parse("\n".join(row.text for row in rows))
    except SyntaxError:
        return None
    statements = (node for node in nodes(tree) if isinstance(node, ast.Expr))
    return {s.lineno for s in statements if isinstance(s.value, ast.Constant) and s.value.value is Ellipsis}
