"""Attributes of a class whose parameters it freezes, and never trains again."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from looplint.syntax.walk import as_text, nodes

_SWITCH = "requires_grad"

_FROZEN: WeakKeyDictionary[ast.ClassDef, frozenset[str]] = WeakKeyDictionary()


def is_frozen(cls: ast.ClassDef, name: str) -> bool:
    """Whether a class freezes `self.<name>`, by a loop over its parameters or by `requires_grad_(False)`, switches
    gradients on for nothing, and sets no part of it: a new head is trained."""
    if cls not in _FROZEN:
        _FROZEN[cls] = _frozen(cls)
    return name in _FROZEN[cls]


def _frozen(cls: ast.ClassDef) -> frozenset[str]:
    found, changed = set[str](), set[str]()
    for node in nodes(cls):
        match node:
            case ast.Call(func=ast.Name("setattr")):
                return frozenset()
            case ast.Attribute(ctx=ast.Store(), value=ast.Attribute() as owner):
                changed.add(as_text(owner).removeprefix("self.").partition(".")[0])
            case ast.For(target=ast.Name(id=one), iter=given, body=[ast.Assign(targets=[target], value=value)]):
                if _called_on(given, "parameters") and as_text(target) == f"{one}.{_SWITCH}" and _is_off(value):
                    found.add(_called_on(given, "parameters"))
            case ast.Call(args=[value]) if _called_on(node, f"{_SWITCH}_") and _is_off(value):
                found.add(_called_on(node, f"{_SWITCH}_"))
            case ast.Assign(targets=[ast.Attribute(attr=attr)], value=value) if attr == _SWITCH and not _is_off(value):
                return frozenset()
            case ast.Call(func=ast.Attribute(attr=attr), args=values) if attr == f"{_SWITCH}_":
                if not any(map(_is_off, values)):
                    return frozenset()
            case ast.keyword(arg=arg, value=value) if arg == _SWITCH and not _is_off(value):
                return frozenset()
    return frozenset(found - changed)


def _called_on(call: ast.expr, method: str) -> str:
    """The attribute of self that a method is called on."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name("self"), attr=name), attr=called)):
            return name if called == method else ""
    return ""


def _is_off(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False
