"""Attributes and names of a file of which it does nothing but call them."""

from __future__ import annotations

import ast
from collections.abc import Collection
from weakref import WeakKeyDictionary

from looplint.knowledge.python_names import REFLECTION
from looplint.knowledge.torch_tensors import KEEPS_PARAMETERS
from looplint.syntax.walk import nodes

_Use = tuple[str, str]
"""An attribute, and the class whose code reads it of `self`; empty for an attribute of anything else."""

_OTHER: WeakKeyDictionary[ast.AST, frozenset[_Use] | None] = WeakKeyDictionary()
"""By file: the attributes with another use; None if the file may read any attribute by its name."""

_OTHER_NAMES: WeakKeyDictionary[ast.AST, frozenset[str] | None] = WeakKeyDictionary()
"""By file: the names with another use; None if the file may read any name."""


_USES: WeakKeyDictionary[ast.stmt, tuple[frozenset[str], frozenset[str], frozenset[str]] | None] = WeakKeyDictionary()
"""By top-level statement, since most of them stay when a file is edited: the uses of names in it."""


def is_only_called(module: ast.AST, name: str, classes: Collection[str]) -> bool:
    """Whether all that a file does with an attribute of these classes is to set it, call it or its elements, move it,
    count it, or switch its mode."""
    if module not in _OTHER:
        _OTHER[module] = _used_otherwise(module)
    other = _OTHER[module]
    return other is not None and not any((name, owner) in other for owner in ("", *classes))


def is_name_only_called(module: ast.Module, name: str) -> bool:
    """Whether all that a file does with a name is to bind it, call it, move it, or switch its mode, not only to
    evaluation: what stays in that mode is not trained."""
    if module not in _OTHER_NAMES:
        _OTHER_NAMES[module] = _names_used_otherwise(module)
    other = _OTHER_NAMES[module]
    return other is not None and name not in other


def _names_used_otherwise(module: ast.Module) -> frozenset[str] | None:
    otherwise, evaluates, trains = set[str](), set[str](), set[str]()
    for statement in module.body:
        if statement not in _USES:
            _USES[statement] = _uses_of_names(statement)
        uses = _USES[statement]
        if uses is None:
            return None
        otherwise |= uses[0]
        evaluates |= uses[1]
        trains |= uses[2]
    return frozenset(otherwise | (evaluates - trains))


def _uses_of_names(statement: ast.stmt) -> tuple[frozenset[str], frozenset[str], frozenset[str]] | None:
    """The names in a top-level statement with another use than to be called or moved, those that are switched to
    evaluation, and those that are switched to training; None if it may read any name."""
    plain, reads = set[int](), list[ast.Name]()
    switched: dict[str, set[str]] = {"train": set(), "eval": set()}
    for node in nodes(statement):
        if isinstance(node, ast.Attribute) and node.attr in switched and isinstance(node.value, ast.Name):
            switched[node.attr].add(node.value.id)
        if isinstance(node, ast.Call):
            plain.add(id(node.func))
        elif isinstance(node, ast.Attribute) and node.attr in KEEPS_PARAMETERS:
            plain.add(id(node.value))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in REFLECTION:
                return None
            reads.append(node)
    otherwise = frozenset(one.id for one in reads if id(one) not in plain)
    return otherwise, frozenset(switched["eval"]), frozenset(switched["train"])


def _used_otherwise(module: ast.AST) -> frozenset[_Use] | None:
    plain, reads, owners = set[int](), list[ast.Attribute](), dict[int, str]()
    for node in nodes(module):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in REFLECTION:
                return None
            plain.add(id(node.func))
            if isinstance(node.func, ast.Name) and node.func.id == "len":
                plain |= {id(one) for one in node.args}
        elif isinstance(node, ast.For) and _calls_only(node):
            plain.add(id(_iterated(node.iter)))
        elif isinstance(node, ast.ClassDef):
            owners |= {id(part): node.name for part in nodes(node) if isinstance(part, ast.Attribute)}
        elif isinstance(node, ast.Attribute):
            if node.attr == "__dict__":
                return None
            if node.attr in KEEPS_PARAMETERS:
                plain.add(id(node.value))
            if isinstance(node.ctx, ast.Load):
                reads.append(node)
    return frozenset(
        (one.attr, owners.get(id(one), "") if isinstance(one.value, ast.Name) and one.value.id == "self" else "")
        for one in reads
        if id(one) not in plain
    )


def _calls_only(loop: ast.For) -> bool:
    """Whether all that a loop does with the elements of what it iterates over is to call them."""
    element = loop.target.elts[-1] if isinstance(loop.target, ast.Tuple) else loop.target
    if not isinstance(element, ast.Name):
        return False
    called = {id(one.func) for one in nodes(*loop.body) if isinstance(one, ast.Call)}
    read = [one for one in nodes(*loop.body) if isinstance(one, ast.Name) and one.id == element.id]
    return all(id(one) in called for one in read)


def _iterated(over: ast.expr) -> ast.expr:
    """What `enumerate` numbers, or the iterable itself."""
    match over:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
            return inner
    return over
