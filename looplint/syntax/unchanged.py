"""Statements that did not change since a text was parsed before: what is known of them stays known."""

from __future__ import annotations

import ast


def keep_unchanged(tree: ast.Module, text: str, before: ast.Module, text_before: str) -> None:
    """Put the statements of an earlier tree in place of those of a new one that are the same text on the same rows:
    top-level statements, and the members of classes that changed. Everything that is remembered of a statement by its
    node (its names, its calls) then holds for the new tree, too."""
    same = _same_rows(text.split("\n"), text_before.split("\n"))
    _keep(tree.body, before.body, same)


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
        first = min(part.lineno for part in (statement, *getattr(statement, "decorator_list", ())))
        last = statement.end_lineno or statement.lineno
        if same[last - 1] < first and _end(old) == _end(statement):
            body[index] = old
        elif isinstance(statement, ast.ClassDef) and isinstance(old, ast.ClassDef):
            _keep(statement.body, old.body, same)


def _end(statement: ast.stmt) -> tuple[int | None, int | None]:
    return statement.end_lineno, statement.end_col_offset
