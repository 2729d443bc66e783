"""The calls in the methods of a class: which of them run together, and under which conditions."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from looplint.module_classes.class_syntax import Function, is_move, named, self_attribute, stored
from looplint.syntax.walk import children

REGISTERS = frozenset({"add_module", "register_module", "setattr", "__setattr__", "_modules", "vars", "__dict__"})


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A call, the conditions and contexts around it, and its target."""

    node: ast.Call
    method: Function
    around: tuple[ast.expr, ...]
    bound: str = ""


def run_by(methods: Mapping[str, Function], start: Iterable[str]) -> dict[str, tuple[ast.expr, ...]]:
    """The methods that `start` run, directly or not, each with the conditions around the calls to it."""
    reached: dict[str, tuple[ast.expr, ...]] = dict.fromkeys(start, ())
    waiting = list(reached)
    while waiting:
        caller = waiting.pop()
        for call in calls_in(methods[caller]):
            name, around = self_attribute(call.node.func), (*reached[caller], *call.around)
            if name in methods and name != "__init__" and (name not in reached or (reached[name] and not around)):
                reached[name] = around
                waiting.append(name)
    return reached


def calls_in(method: Function, around: tuple[ast.expr, ...] = ()) -> Iterator[Call]:
    """Every call in a method, in source order, with the conditions and contexts around it."""
    waiting: list[tuple[ast.AST, tuple[ast.expr, ...], str]] = []

    def block(body: Sequence[ast.stmt], around: tuple[ast.expr, ...]) -> None:
        later = []
        for statement in body:
            later.append((statement, around, ""))
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return | ast.Raise | ast.Continue):
                around = (*around, statement.test)
        waiting.extend(reversed(later))

    block(method.body, around)
    while waiting:
        node, around, bound = waiting.pop()
        if isinstance(node, ast.Call):
            yield Call(node, method, around, bound)
        if isinstance(node, ast.If):
            block(node.orelse, (*around, node.test))
            block(node.body, (*around, node.test))
            waiting.append((node.test, around, ""))
        elif isinstance(node, ast.IfExp):
            inner = (*around, node.test)
            waiting.extend(((node.orelse, inner, bound), (node.body, inner, bound), (node.test, around, "")))
        elif isinstance(node, ast.With | ast.AsyncWith):
            block(node.body, (*around, *(item.context_expr for item in node.items)))
            waiting.extend((item.context_expr, around, "") for item in reversed(node.items))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            waiting.append((node.value, around, named(target) or ("self.[]" if stored(target) else "")))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.Try):
            for body in ("finalbody", "orelse"):
                block(getattr(node, body, []), around)
            waiting.extend((handler, around, "") for handler in reversed(getattr(node, "handlers", [])))
            block(node.body, around)
            head = node.iter if isinstance(node, ast.For | ast.AsyncFor) else getattr(node, "test", None)
            waiting.extend([(head, around, "")] if head is not None else [])
        else:
            moved = bound if isinstance(node, ast.Attribute) or is_move(node) else ""
            if isinstance(node, ast.Call) and keeps(node):
                moved = "self.[]"
            waiting.extend((child, around, moved) for child in reversed(children(node)))


def keeps(call: ast.Call) -> bool:
    """Whether a call stores arguments in self: `self.add_module(...)`, `setattr(...)`, `self.layers.append(...)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in REGISTERS or bool(self_attribute(call.func.value))
    return isinstance(call.func, ast.Name) and call.func.id in REGISTERS
