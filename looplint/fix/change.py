"""From what a fix says in terms of the program (`Action`) to changes of text, and from these to the new text.

Only the text of the changes is touched, so everything else stays as it was by construction.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Sequence

from looplint.finding import Action
from looplint.fix.statements_of import Code, Refused, Statement
from looplint.syntax.parse import parse, parses

_CROWDED = "several statements share a line there: put each on a line of its own"
# Expressions that are none without their surroundings.
_NOT_ALONE = (ast.Starred, ast.Slice, ast.Tuple)
# Expressions that bind tighter than any operator around them (https://docs.python.org/3/reference/expressions.html).
_PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Change:
    """The text between two offsets (end exclusive) becomes `content`."""

    start: int
    end: int
    content: str = dataclasses.field(compare=False)


def rewrite(text: str, actions: Iterable[Action]) -> str:
    """Carry out the actions of one fix on Python text with `\\n` newlines.

    Raises Refused, and SyntaxError when the text is not Python.
    """
    new = splice(text, changes(Code(text), tuple(actions)))
    if not parses(new):
        raise Refused("the result would not be valid Python")
    return new


def splice(text: str, parts: Iterable[Change]) -> str:
    """Make the changes, which must be of this text; those at one place in their order. Raises Refused on overlaps."""
    pieces, at = [], 0
    for part in sorted(parts):
        if part.start < at:
            raise Refused("its changes overlap")
        pieces += [text[at : part.start], part.content]
        at = part.end
    return "".join([*pieces, text[at:]])


def changes(code: Code, actions: Sequence[Action]) -> list[Change]:
    """The changes that carry out the actions of one fix. Raises Refused when one of them cannot be carried out."""
    try:
        found = _changes(code, actions)
    except RecursionError:
        raise Refused("the code is nested too deeply") from None
    for change in found:
        top, bottom = code.bounds(code.row(change.start))
        if not code.start(top) <= change.start <= change.end <= code.end(bottom):
            raise Refused("it reaches from one cell or block into another")
    return _merged(found)


def _changes(code: Code, actions: Sequence[Action]) -> list[Change]:
    regions = [code.offsets(action.span) for action in actions]
    placed = list(zip(actions, regions, strict=True))
    doomed = {_deletable(code, *region).start for action, region in placed if action.kind == "delete"}
    instead: dict[int, list[str]] = {}
    found: list[Change] = []
    for action, (start, end) in placed:
        if action.kind == "replace":
            found.append(_replace(code, start, end, action.code))
        elif action.kind == "wrap":
            found += _wrap(code, code.holder(start, end), action.code)
        elif action.kind == "wrap-rest":
            found += _wrap_rest(code, code.holder(start, end), action.code)
        elif action.kind != "delete":
            holder = code.holder(start, end)
            if holder.start in doomed:
                instead.setdefault(holder.start, []).append(action.code)
            else:
                found.append((_insert if action.kind == "insert" else _insert_after)(code, holder, action.code))
    for action, region in placed:
        if action.kind == "delete":
            statement = _deletable(code, *region)
            new = instead.get(statement.start)
            gone = doomed - instead.keys()
            found.append(_substitute(code, statement, new) if new else _delete(code, statement, gone))
    return found


def _insert(code: Code, statement: Statement, new: str) -> Change:
    at = statement.start
    if code.leads(statement):
        margin = "\n" + code.indentation(statement)
        return Change(at, at, new.replace("\n", margin) + margin)
    return Change(at, at, _on_one_line(new) + "; ")


def _insert_after(code: Code, statement: Statement, new: str) -> Change:
    if code.leads(statement) and not code.joined(statement, statement.after):
        margin = "\n" + code.indentation(statement)
        end = code.block_end(statement)
        return Change(end, end, margin + new.replace("\n", margin))
    return Change(statement.end, statement.end, "; " + _on_one_line(new))


def _on_one_line(new: str) -> str:
    """What can stand beside other statements: nothing with a block of its own, a comment or several rows."""
    try:
        joined = isinstance(parse(f"{new}; pass").body[-1], ast.Pass)
    except SyntaxError:
        joined = False
    if not joined or "\n" in new:
        raise Refused(_CROWDED)
    return new


def _deletable(code: Code, start: int, end: int) -> Statement:
    statement = code.holder(start, end)
    if statement.compound and (statement.start, statement.end) != (start, end):
        raise Refused("what is to be removed is only a part of a statement")
    return statement


def _substitute(code: Code, statement: Statement, new: Sequence[str]) -> Change:
    if code.leads(statement) and not code.joined(statement, statement.after):
        margin = "\n" + code.indentation(statement)
        return Change(
            statement.start, code.block_end(statement), margin.join(part.replace("\n", margin) for part in new)
        )
    return Change(statement.start, statement.end, "; ".join(map(_on_one_line, new)))


def _delete(code: Code, statement: Statement, doomed: set[int]) -> Change:
    """`doomed`: where the statements begin that the fix removes."""
    before, after = statement.before, statement.after
    alone = code.leads(statement) and not code.joined(statement, after)
    if statement.parent and before is None and all(sibling.start in doomed for sibling in statement.block):
        return Change(statement.start, code.block_end(statement) if alone else statement.end, "pass")
    if alone:
        start, end = code.lines(code.row(statement.start), code.row(code.block_end(statement)))
        return Change(start, end, "")
    if before and before.start not in doomed and code.joined(before, statement):
        return Change(before.end, statement.end, "")
    if after and code.joined(statement, after):
        return Change(statement.start, after.start, "")
    if before and code.joined(before, statement):
        return Change(before.end, statement.end, "")
    raise Refused("other code stands on the same line")


def _replace(code: Code, start: int, end: int, new: str) -> Change:
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
        # Before Python 3.12 `ast` does not always know where the expressions in an f-string stand.
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


def _stays(code: Code, change: Change, inset: int, meant: ast.expr) -> bool:
    """Whether the new text, less `inset` characters on both sides, is read as the expression that is meant."""
    new = code.text[: change.start] + change.content + code.text[change.end :]
    try:
        code = Code(new)
    except SyntaxError:
        return False
    region = change.start + inset, change.start + len(change.content) - inset
    read = _expression(code, *region)
    return read is not None and code.region(read) == region and _shown(read) == _shown(meant)


def _expression(code: Code, start: int, end: int) -> ast.expr | None:
    """The smallest expression around a region."""
    row, found, size = code.row(start), None, len(code.text) + 1
    holder = code.around(start, end)
    for node in ast.walk(holder.node) if holder else ():
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
    """What tells expressions apart, whatever their place and whether they are read or assigned to."""
    return ast.unparse(node) if node else None


def _wrap(code: Code, statement: Statement, context: str) -> list[Change]:
    if not code.leads(statement) or code.joined(statement, statement.after):
        raise Refused(_CROWDED)
    head = Change(
        statement.start, statement.start, f"with {context}:\n{code.indentation(statement)}{code.unit(statement)}"
    )
    first, last = code.row(statement.start), code.row(code.block_end(statement))
    return [head, *_indented(code, statement, first + 1, last)]


def _wrap_rest(code: Code, statement: Statement, context: str) -> list[Change]:
    _, bottom = code.bounds(code.row(statement.start))
    rest = [s for s in statement.block if s.start > statement.start and s.start <= code.end(bottom)]
    if not rest or statement.compound:
        raise Refused("nothing follows it in its block")
    if not code.leads(statement) or code.joined(statement, rest[0]):
        raise Refused(_CROWDED)
    head = Change(statement.start, statement.end, f"with {context}:")
    first, last = code.row(statement.end), code.row(code.block_end(rest[-1]))
    return [head, *_indented(code, statement, first + 1, last)]


def _indented(code: Code, statement: Statement, first: int, last: int) -> list[Change]:
    """The rows one level deeper; what is inside a string stays."""
    inside: set[int] = set()
    for node in ast.walk(code.tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            inside.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    unit = code.unit(statement)
    starts = [
        code.start(row) for row in range(first, last + 1) if row not in inside and code.start(row) < code.end(row)
    ]
    return [Change(start, start, unit) for start in starts]


def _merged(parts: Iterable[Change]) -> list[Change]:
    """Cuts that overlap (neighbours on one line, each with the semicolon between them) become one."""
    merged: list[Change] = []
    for part in sorted(parts):
        last = merged[-1] if merged else None
        if last and part.start < last.end and not part.content and not last.content:
            merged[-1] = Change(last.start, max(last.end, part.end), "")
        else:
            merged.append(part)
    return merged
