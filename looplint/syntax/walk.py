"""Traversal of syntax trees: nodes, and the statements of blocks.

Trees are large and traversed often: the fields that contain nodes are known by node type, and nothing else is visited.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)

_PLAIN = frozenset(("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "module"))
_PLAIN |= {"kwd_attrs", "op", "ops", "rest", "simple", "str", "type_comment", "type_ignores"}
_LEAVES = (ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of a node type that contain nodes, or lists of them."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        # Names are strings, except that of a `type` statement.
        plain = _PLAIN if kind.__name__ == "TypeAlias" else _PLAIN | {"name"}
        fields = () if issubclass(kind, _LEAVES) else tuple(name for name in kind._fields if name not in plain)
        self[kind] = fields
        return fields


_FIELDS = _Fields()


def nodes(*roots: ast.AST) -> Iterator[ast.AST]:
    """Pieces of code and all their nodes but operators and contexts, in no particular order."""
    waiting: list[ast.AST | None] = [*roots]
    pop, append, fields = waiting.pop, waiting.append, _FIELDS
    while waiting:
        node = pop()
        # A dictionary key or a default value may be missing.
        if node is None:
            continue
        yield node
        for name in fields[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                waiting += value
            elif value is not None:
                append(value)


def children(node: ast.AST) -> list[ast.AST]:
    """The child nodes but operators and contexts, in source order."""
    found: list[ast.AST | None] = []
    for name in _FIELDS[node.__class__]:
        value = getattr(node, name)
        if value.__class__ is list:
            found += value
        else:
            found.append(value)
    return [child for child in found if child is not None]


def as_text(node: ast.AST) -> str:
    """An expression as code; a shortcut for names and attributes, the most frequent ones."""
    attributes = ""
    whole = node
    while isinstance(node, ast.Attribute):
        attributes = f".{node.attr}{attributes}"
        node = node.value
    if isinstance(node, ast.Name):
        return node.id + attributes
    found = _TEXTS.get(whole)
    if found is None:
        found = _TEXTS[whole] = ast.unparse(whole)
    return found


_TEXTS: WeakKeyDictionary[ast.AST, str] = WeakKeyDictionary()


def last_name(node: ast.AST) -> str:
    """The last part of a name as written, empty for other expressions."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements in source order, including those of nested blocks, functions and classes."""
    waiting: list[ast.AST] = [*reversed(list(body))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        for block in _BLOCKS[node.__class__]:
            waiting += reversed(getattr(node, block))


def top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, including those of nested blocks, but not of functions and classes."""
    for statement in body:
        yield statement
        if not isinstance(statement, DEFINITIONS):
            for block in reversed(_BLOCKS[statement.__class__]):
                for part in getattr(statement, block):
                    yield from top_level([part] if isinstance(part, ast.stmt) else part.body)


class _Blocks(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of a node type that contain statements, or parts of statements that do, the last first."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        holds = issubclass(kind, ast.stmt | ast.ExceptHandler | ast.match_case)
        blocks = ("cases", "finalbody", "orelse", "handlers", "body") if holds else ()
        self[kind] = found = tuple(name for name in blocks if name in kind._fields)
        return found


_BLOCKS = _Blocks()
