"""Decorators and function bodies, examined without evaluation."""

from __future__ import annotations

import ast

from looplint.syntax.walk import as_text


def decorator_name(node: ast.expr) -> str:
    """The dotted name of a decorator as written."""
    if isinstance(node, ast.Call):
        node = node.func
    return as_text(node)


def is_abstract(code: ast.AST) -> bool:
    """Whether a method must be overridden: marked as abstract, or it only raises NotImplementedError."""
    if any(decorator_name(d).rpartition(".")[2] == "abstractmethod" for d in getattr(code, "decorator_list", ())):
        return True
    body = getattr(code, "body", [])
    last = body[-1] if isinstance(body, list) and body else None
    if not isinstance(last, ast.Raise) or last.exc is None or len(body) > 2:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    documented = len(body) == 1 or (isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant))
    return documented and isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def is_left_out(code: ast.AST) -> bool:
    """Whether the body of a function is only `...`, as in excerpts and protocols."""
    body = getattr(code, "body", [])
    last = body[-1] if isinstance(body, list) and len(body) <= 2 and body else None
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is ...
