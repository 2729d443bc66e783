"""Expressions that are assigned to or deleted."""

from __future__ import annotations

import ast
from typing import Any

LOAD, STORE, DEL = ast.Load(), ast.Store(), ast.Del()


def stored(node: Any, context: ast.expr_context = STORE) -> Any:
    """The expression as an assignment target."""
    if isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            stored(element, context)
    elif isinstance(node, ast.Starred):
        stored(node.value, context)
    if "ctx" in node._fields:
        node.ctx = context
    return node


def deleted(node: Any) -> Any:
    return stored(node, DEL)
