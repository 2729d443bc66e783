"""Classes of the program: bases, members and methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Type
from looplint.interpreter.part import Part
from looplint.interpreter.values import Class, Const, Function, Member, Symbol, Value
from looplint.knowledge.members import UPDATES_OTHERWISE
from looplint.knowledge.python_names import ENUMERATIONS, FURTHER_ACCESSORS, PLAIN_ENUMERATIONS
from looplint.program.outline import names_in
from looplint.syntax.walk import nodes, statements

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


Assigned = dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr | tuple[ast.expr, int]]]]
"""Assignments to attributes of `self` in the methods of a class, by attribute: the method and the value or, when
unpacking, the whole value and the index in it."""


class Classes(Part):
    """Answers queries on classes whose source is known."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._members: dict[ast.ClassDef, dict[str, ast.stmt]] = {}
        self._lineages: dict[ast.ClassDef, list[Class | Symbol]] = {}
        self._assigned: dict[ast.ClassDef, Assigned] = {}

    def members(self, cls: Class) -> dict[str, ast.stmt]:
        """The functions, classes and assignments in the body of a class, by name."""
        found = self._members.get(cls.node)
        if found is None:
            found = {}
            for statement in cls.node.body:
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    if not any(
                        isinstance(d, ast.Attribute) and d.attr in FURTHER_ACCESSORS for d in statement.decorator_list
                    ):
                        found[statement.name] = statement
                elif isinstance(statement, ast.ClassDef):
                    found[statement.name] = statement
                elif isinstance(statement, ast.Assign):
                    for target in statement.targets:
                        if isinstance(target, ast.Name):
                            found[target.id] = statement
                elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    found[statement.target.id] = statement
            self._members[cls.node] = found
        return found

    def bases(self, cls: Class) -> list[Value]:
        """The base classes: `Class` if their source is known, `Symbol` if not."""
        values: list[Value] = []
        with self.reader.flow.silently(), self.reader.in_frame(cls.frame):
            for base in cls.node.bases:
                expression = base.value if isinstance(base, ast.Subscript) else base
                if isinstance(expression, ast.Name | ast.Attribute):
                    values.append(self.reader.evaluate(expression))
        return values

    def lineage(self, cls: Class) -> list[Class | Symbol]:
        """The class and its bases, nearest first."""
        cached = self._lineages.get(cls.node)
        if cached is not None:
            return cached
        found: list[Class | Symbol] = []
        self._lineages[cls.node] = found
        queue: list[Value] = [cls]
        while queue and len(found) < 24:
            value = queue.pop(0)
            if isinstance(value, Class) and not any(isinstance(one, Class) and one.node is value.node for one in found):
                found.append(value)
                queue.extend(self.bases(value))
            elif isinstance(value, Symbol):
                found.append(value)
            elif isinstance(value, AbstractObject):
                found.append(Symbol(f"?.{value.name}"))
        return found

    def class_type(self, cls: Class) -> Type:
        """The type of the instances of a class, by its bases."""
        for base in self.lineage(cls):
            if isinstance(base, Symbol):
                kind = self.reader.tables.type_of_base(base.dotted)
                if kind is not Type.UNKNOWN:
                    return kind
        return Type.OPTIMIZER if self.updates_by_hand(cls) else Type.UNKNOWN

    def find_method(
        self, cls: Class, name: str, after: Class | None = None
    ) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, Class] | None:
        """The method that a name resolves to in a class, and the class that defines it."""
        passed = after is None
        for base in self.lineage(cls):
            if isinstance(base, Class):
                if passed:
                    member = self.members(base).get(name)
                    if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                        return member, base
                elif after is not None and base.node is after.node:
                    passed = True
        return None

    def attribute(self, cls: Class, name: str) -> Value | None:
        """The value of an attribute of a class, its own or inherited from a class with known source; None if
        unknown."""
        for base in self.lineage(cls):
            if isinstance(base, Class):
                member = self.members(base).get(name)
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    return Function(member, base.frame, None, base)
                if isinstance(member, ast.ClassDef):
                    return Class(member, base.frame)
                if isinstance(member, ast.Assign | ast.AnnAssign) and member.value is not None:
                    with self.reader.flow.silently(), self.reader.in_frame(base.frame):
                        value = self.reader.names.named(self.reader.evaluate(member.value), name)
                    return self._enumerated(base, name, value)
        return None

    def _enumerated(self, cls: Class, name: str, value: Value) -> Value:
        """The value of a class attribute: in an enumeration a member, unless it is a number or string as well."""
        bases = {base.dotted for base in self.lineage(cls) if isinstance(base, Symbol)}
        if not bases & ENUMERATIONS or name.startswith("_"):
            return value
        plain = bases & PLAIN_ENUMERATIONS and isinstance(value, Const)
        return value if plain else Const(Member(f"{cls.frame.module.path}:{cls.name}", name, value))

    def assignments(self, cls: Class) -> Assigned:
        """The assignments to attributes of `self` in the methods of a class, by attribute."""
        cached = self._assigned.get(cls.node)
        if cached is not None:
            return cached
        found: Assigned = {}
        for method in self.members(cls).values():
            if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or not method.args.args:
                continue
            this = method.args.args[0].arg
            for node in statements(method.body):
                if isinstance(node, ast.Assign):
                    for target in node.targets:
                        _note(found, this, method, target, node.value)
                elif isinstance(node, ast.AnnAssign) and node.value is not None:
                    _note(found, this, method, node.target, node.value)
        for values in found.values():
            real = [one for one in values if not (isinstance(one[1], ast.Constant) and one[1].value is None)]
            values[:] = real or values
        self._assigned[cls.node] = found
        return found

    def updates_by_hand(self, cls: Class) -> bool:
        """Whether a class is an optimizer without a torch base: it clears gradients and updates parameters itself."""
        step, clear = self.find_method(cls, "step"), self.find_method(cls, "zero_grad")
        if step is None or clear is None:
            return False
        names = names_in(step[0])
        cleared = any(isinstance(n, ast.Attribute) and n.attr == "grad" and _is_set(n) for n in nodes(step[0]))
        return "grad" in names and names.isdisjoint(UPDATES_OTHERWISE) and not cleared


def _note(
    found: Assigned,
    this: str,
    method: ast.FunctionDef | ast.AsyncFunctionDef,
    target: ast.expr,
    value: ast.expr,
) -> None:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == this:
        found.setdefault(target.attr, []).append((method, value))
    elif isinstance(target, ast.Tuple | ast.List):
        for index, element in enumerate(target.elts):
            if isinstance(element, ast.Attribute) and isinstance(element.value, ast.Name) and element.value.id == this:
                whole: ast.expr | tuple[ast.expr, int] = (
                    value.elts[index]
                    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
                    else (value, index)
                )
                found.setdefault(element.attr, []).append((method, whole))


def _is_set(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)
