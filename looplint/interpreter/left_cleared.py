"""Methods that clear gradients for the next call of another one."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from looplint.interpreter.suggested_by_name import may_clear
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text, nodes


def leaves_cleared(method: ast.AST) -> bool:
    """Whether a method clears gradients for the next caller; those cleared before a step in the same block do not
    count."""
    found = _LEFT_CLEARED.get(method)
    if found is None:
        found = _LEFT_CLEARED[method] = _clears_last(method)
    return found


_LEFT_CLEARED: WeakKeyDictionary[ast.AST, bool] = WeakKeyDictionary()


def _clears_last(method: ast.AST) -> bool:
    """Whether a clear in a method is not followed by a step of the same optimizer in its block."""
    if not any(map(may_clear, names_in(method))):
        return False
    spent: set[ast.AST] = set()
    for node in nodes(method):
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list):
                spent |= _spent(block)
    return any(
        may_clear(node.attr if isinstance(node, ast.Attribute) else node.id)
        for node in nodes(method)
        if isinstance(node, ast.Attribute | ast.Name) and node not in spent
    )


def _spent(block: list[ast.stmt]) -> set[ast.AST]:
    """The clears of a block that are followed by a step of the same optimizer."""
    calls = [s.value.func for s in block if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    last: set[str] = set()
    found: set[ast.AST] = set()
    for func in reversed([func for func in calls if isinstance(func, ast.Attribute)]):
        receiver = as_text(func.value)
        if func.attr == "step":
            last.add(receiver)
        elif func.attr == "zero_grad" and receiver in last:
            found.add(func)
    return found
