"""Queries on the syntax of a class and its methods."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import TypeVar

from looplint.knowledge.torch_tensors import MOVES
from looplint.syntax.walk import nodes as every
from looplint.syntax.walk import statements

T = TypeVar("T", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def methods_of(node: ast.ClassDef) -> dict[str, Function]:
    """The methods of a class by name, of several definitions the last."""
    return {item.name: item for item in node.body if isinstance(item, Function)}


def receiver(method: Function) -> str:
    """The name of a method's own object; empty for a static method or a class method, which has none."""
    if any(getattr(each, "id", "") in ("staticmethod", "classmethod") for each in method.decorator_list):
        return ""
    return method.args.args[0].arg if method.args.args else "self"


def set_by_callers(method: Function, call: ast.Call, name: str, position: int) -> bool:
    """Whether an argument of a call in `forward` names a parameter of `forward`: who calls the module decides it."""
    own = method.args
    given = {one.arg for one in (*own.posonlyargs, *own.args, *own.kwonlyargs)} - {receiver(method)}
    values = [keyword.value for keyword in call.keywords if keyword.arg == name] + call.args[position : position + 1]
    return method.name == "forward" and any(one.id in given for value in values for one in nodes(value, ast.Name))


def assignments(method: Function | ast.For) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets and values of the assignments in a block, those of tuples one by one."""
    for statement in statements(method.body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from _paired(target, statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield statement.target, statement.value


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """`a, b = x, y` is two assignments."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _paired(one, other)
    else:
        yield target, value


@functools.lru_cache(maxsize=128)
def _walk(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(every(node))


def nodes(node: ast.AST, kind: type[T]) -> Iterator[T]:
    """The nodes of this type in a tree, outermost first."""
    return (inner for inner in _walk(node) if isinstance(inner, kind))


def names(node: ast.AST) -> set[str]:
    """Every name and attribute that is mentioned."""
    return {name.id for name in nodes(node, ast.Name)} | {attribute.attr for attribute in nodes(node, ast.Attribute)}


def mentions(node: ast.expr, name: str) -> bool:
    """Whether an expression contains a name, as a variable, an attribute or a string."""
    return name in names(node) or any(name == str(constant.value) for constant in nodes(node, ast.Constant))


def is_name(node: ast.expr, name: str) -> bool:
    """Whether an expression is this variable."""
    return isinstance(node, ast.Name) and node.id == name


def defaults(method: Function) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a method that have a default, and that default."""
    given = [*method.args.posonlyargs, *method.args.args]
    plain = zip(given[len(given) - len(method.args.defaults) :], method.args.defaults, strict=True)
    named = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
    yield from ((argument.arg, default) for argument, default in (*plain, *named) if default is not None)


def self_attribute(node: ast.expr) -> str:
    """`x` of `self.x`, else an empty string."""
    return node.attr if isinstance(node, ast.Attribute) and is_name(node.value, "self") else ""


def named(node: ast.expr) -> str:
    """`x` or `self.x` as text, else an empty string."""
    attribute = self_attribute(node)
    return node.id if isinstance(node, ast.Name) else attribute and f"self.{attribute}"


def stored(target: ast.expr) -> bool:
    """Whether the target is an entry of an attribute of self."""
    return isinstance(target, ast.Subscript) and bool(self_attribute(target.value))


def is_move(node: ast.AST) -> bool:
    """Whether it is a call of `.to(...)`, `.cuda()` or the like."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MOVES


def unmoved(node: ast.expr) -> ast.expr:
    """The module under `.to(device)`, `.cuda()` ..."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MOVES:
        node = node.func.value
    return node


def options(call: ast.Call) -> dict[str, object]:
    """The literal keyword arguments of a call."""
    return {k.arg: k.value.value for k in call.keywords if k.arg and isinstance(k.value, ast.Constant)}
