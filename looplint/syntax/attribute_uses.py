"""Attributes of which a file does nothing but call them."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from looplint.knowledge.python_names import REFLECTION
from looplint.knowledge.torch import KEEPS_PARAMETERS
from looplint.syntax.walk import nodes

_OTHER: WeakKeyDictionary[ast.AST, frozenset[str] | None] = WeakKeyDictionary()
"""By file: the attributes with another use; None if the file may read any attribute by its name."""


def is_only_called(module: ast.AST, name: str) -> bool:
    """Whether a file only sets an attribute of this name, calls it, moves it or switches its mode."""
    if module not in _OTHER:
        _OTHER[module] = _used_otherwise(module)
    other = _OTHER[module]
    return other is not None and name not in other


def _used_otherwise(module: ast.AST) -> frozenset[str] | None:
    plain, attributes = set[int](), list[ast.Attribute]()
    for node in nodes(module):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in REFLECTION:
                return None
            plain.add(id(node.func))
        elif isinstance(node, ast.Attribute):
            if node.attr == "__dict__":
                return None
            if node.attr in KEEPS_PARAMETERS:
                plain.add(id(node.value))
            if isinstance(node.ctx, ast.Load):
                attributes.append(node)
    return frozenset(one.attr for one in attributes if id(one) not in plain)
