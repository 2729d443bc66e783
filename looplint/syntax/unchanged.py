"""Statements that did not change since a text was parsed before: what is known of them stays known."""

from __future__ import annotations

import ast
import contextlib

from looplint.syntax.parse import parse


def keep_unchanged(tree: ast.Module, text: str, before: ast.Module, text_before: str) -> None:
    """Put the statements of an earlier tree in place of those of a new one that are the same text on the same rows:
    top-level statements, and the members of classes that changed. Everything that is remembered of a statement by its
    node (its names, its calls) then holds for the new tree, too."""
    same = _same_rows(text.split("\n"), text_before.split("\n"))
    _keep(tree.body, before.body, same)


def parse_again(text: str, before: ast.Module, text_before: str) -> ast.Module:
    """The tree of a text, of which only the changed top-level statement is parsed if no row was added or removed and no
    other statement changed. Raises SyntaxError."""
    rows, rows_before = text.split("\n"), text_before.split("\n")
    changed = [row for row, (new, old) in enumerate(zip(rows, rows_before, strict=False), 1) if new != old]
    spans = [_span(statement) for statement in before.body]
    if changed and len(rows) == len(rows_before) and "\r" not in text and "\f" not in text:
        touched = [at for at, (first, last) in enumerate(spans) if first <= changed[-1] and changed[0] <= last]
        at = touched[0] if touched else 0
        first, last = spans[at] if touched else (0, 0)
        # Another statement may begin or end on one of its rows.
        alone = all(end < first for _, end in spans[:at]) and all(begin > last for begin, _ in spans[at + 1 :])
        if first <= changed[0] and changed[-1] <= last and alone:
            with contextlib.suppress(SyntaxError):
                new = parse("\n" * (first - 1) + "\n".join(rows[first - 1 : last]) + "\n")
                return ast.Module([*before.body[:at], *new.body, *before.body[at + 1 :]], [])
    return parse(text)


def _span(statement: ast.stmt) -> tuple[int, int]:
    """The first and the last row of a statement, decorators included."""
    first = min(part.lineno for part in (statement, *getattr(statement, "decorator_list", ())))
    return first, statement.end_lineno or statement.lineno


def _same_rows(rows: list[str], before: list[str]) -> list[int]:
    """For each row, from which row on the text is the same up to it."""
    since, found = 0, []
    for index, row in enumerate(rows):
        if index >= len(before) or row != before[index]:
            since = index + 1
        found.append(since)
    return found


def _keep(body: list[ast.stmt], before: list[ast.stmt], same: list[int]) -> None:
    known = {(one.lineno, one.col_offset): one for one in before}
    for index, statement in enumerate(body):
        old = known.get((statement.lineno, statement.col_offset))
        if old is None or old.__class__ is not statement.__class__:
            continue
        first, last = _span(statement)
        if same[last - 1] < first and _end(old) == _end(statement):
            body[index] = old
        elif isinstance(statement, ast.ClassDef) and isinstance(old, ast.ClassDef):
            _keep(statement.body, old.body, same)


def _end(statement: ast.stmt) -> tuple[int | None, int | None]:
    return statement.end_lineno, statement.end_col_offset
