"""Names of which it is known what is done with them, wherever the code that may see them goes: nothing."""

from __future__ import annotations

import ast

from looplint.recognize.torch import SCHEDULER_LOOKS
from looplint.syntax import nodes


def looked_at(code: ast.AST, name: str, module: ast.AST, depth: int = 0) -> bool:
    """Whether code does anything with a name but bind it, ask for a rate, or hand it to a function that does not."""
    asked, handed = set[int](), dict[int, tuple[str, object]]()
    for node in nodes(code):
        if isinstance(node, ast.Attribute) and node.attr in SCHEDULER_LOOKS:
            asked.add(id(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("locals", "vars", "globals", "eval", "exec"):
                return True
            given = [*enumerate(node.args), *((k.arg, k.value) for k in node.keywords)]
            handed.update({id(value): (node.func.id, place) for place, value in given})
    for node in nodes(code):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in asked:
            function, place = handed.get(id(node), ("", None))
            if not _is_ignored(function, place, module, depth):
                return True
    return False


def _is_ignored(function: str, place: object, module: ast.AST, depth: int) -> bool:
    """Whether a function of this file does nothing with what it is given at a place among its arguments."""
    found = [n for n in nodes(module) if isinstance(n, ast.FunctionDef) and n.name == function]
    if len(found) != 1 or depth > 2 or found[0].decorator_list:
        return False
    names = [a.arg for a in (*found[0].args.posonlyargs, *found[0].args.args)]
    name = names[place] if isinstance(place, int) and place < len(names) else place
    known = [*names, *(a.arg for a in found[0].args.kwonlyargs)]
    return isinstance(name, str) and name in known and not looked_at(found[0], name, module, depth + 1)


def attribute_looked_at(module: ast.AST, name: str) -> bool:
    """Whether a file does anything with an attribute of this name but set it or ask it for a rate."""
    asked = {id(n.value) for n in nodes(module) if isinstance(n, ast.Attribute) and n.attr in SCHEDULER_LOOKS}
    return any(
        isinstance(n, ast.Attribute) and n.attr == name and isinstance(n.ctx, ast.Load) and id(n) not in asked
        for n in nodes(module)
    )
