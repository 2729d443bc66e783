"""Imports: the names that files of the program define and export."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

from looplint.interpreter.part import Part
from looplint.interpreter.values import Class, Const, Function, ModuleValue, Symbol, Value, either
from looplint.program.module import Module
from looplint.syntax.imports import canonical
from looplint.syntax.newer_nodes import TypeAlias

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader

STARS = 4
"""Length of a chain of `from ... import *`; names from longer chains are unknown."""


class Imports(Part):
    """Resolves imports and module-level names."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._led_to: set[str] = set()
        self._not_offered: set[tuple[int, str]] = set()

    def exported(self, module: Module, name: str) -> Value | None:
        """The value of a module-level name, None if the module does not bind it."""
        found = self.reader.bindings.get((id(self.reader.frame_of(module)), name))
        if found is not None:
            return found
        statements = module.bindings.get(name)
        key = (id(module), name)
        if not statements or key in self.reader.record.resolving or len(self.reader.record.resolving) > 40:
            return None
        self.reader.record.resolving.add(key)
        try:
            there = self.reader.now.in_frame(self.reader.frame_of(module))
            there.chain, there.contexts = 0, frozenset()
            with self.reader.flow.silently(), self.reader.at(there):
                values = [value for s in statements[:4] if (value := self._binding(s, name)) is not None]
        finally:
            self.reader.record.resolving.discard(key)
        if not values:
            return None
        value = either(_last_definition(values))
        self.reader.instances.note_use_of_name(module, name, value)
        self.reader.bindings.remember(self.reader.frame_of(module), name, value)
        self.reader.registries.fill(module, name, value)
        return value

    def module_of(self, importer: Module, dotted: str, level: int = 0) -> Module | None:
        """The module that an import resolves to, if it belongs to the program and the budget of files permits. In a
        file that is not about training, only modules that may be involved in a mistake count."""
        path = self.reader.program.locate(importer.path, dotted, level)
        if path is None:
            return None
        if path not in self._led_to:
            if len(self._led_to) >= self.reader.budget.files or not (
                self.reader.trains or self.reader.program.may_export(path)
            ):
                return None
            self._led_to.add(path)
        return self.reader.program.find(importer, dotted, level)

    def reexported(self, module: Module, name: str, passed: tuple[Module, ...] = ()) -> Value | None:
        """The value of a module-level name, also if re-exported by `from ... import *` through several packages."""
        value = self.exported(module, name)
        if value is not None or len(passed) > STARS or (id(module), name) in self._not_offered:
            return value
        for star in module.stars:
            source = self.module_of(module, star.module or "", star.level)
            if source is not None and source is not module and source not in passed:
                value = self.reexported(source, name, (*passed, module))
                if value is not None:
                    return value
        if not passed:
            self._not_offered.add((id(module), name))
        return None

    def _binding(self, statement: ast.stmt, name: str) -> Value | None:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return Function(statement, self.reader.now.frame)
            case ast.ClassDef():
                return Class(statement, self.reader.now.frame)
            case ast.Import() | ast.ImportFrom():
                return self.imported(statement, name)
            case ast.Assign():
                value = self.reader.evaluate(statement.value)
                for target in statement.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        return self.reader.names.named(value, name)
                    if isinstance(target, ast.Tuple | ast.List):
                        for index, element in enumerate(target.elts):
                            if isinstance(element, ast.Name) and element.id == name:
                                return self.reader.names.named(
                                    self.reader.items.item(value, Const(index), statement.value), name
                                )
                return None
            case ast.AnnAssign() if statement.value is not None:
                return self.reader.names.named(self.reader.evaluate(statement.value), name)
        if isinstance(statement, TypeAlias):
            return self.reader.evaluate(statement.value)
        return None

    def imported(self, statement: ast.Import | ast.ImportFrom, name: str) -> Value | None:
        """The value that an import statement binds to a name."""
        module = self.reader.now.frame.module
        for alias in statement.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if bound != name:
                continue
            if isinstance(statement, ast.Import):
                wanted = alias.name if alias.asname else bound
                found = self.module_of(module, wanted)
                return ModuleValue(found) if found else Symbol(canonical(wanted))
            source = self.module_of(module, statement.module or "", statement.level)
            dotted = "." * statement.level + (statement.module or "")
            if source is not None:
                value = self.exported(source, alias.name)
                if value is not None:
                    return value
                part = self.reader.program.submodule(source, alias.name)
                if part is not None:
                    return ModuleValue(part)
                value = self.reexported(source, alias.name)
                if value is not None:
                    return value
            else:
                part = self.module_of(
                    module,
                    posixpath.join(statement.module, alias.name).replace("/", ".") if statement.module else alias.name,
                    statement.level,
                )
                if part is not None:
                    return ModuleValue(part)
            return Symbol(canonical(f"{dotted}.{alias.name}" if not dotted.endswith(".") else dotted + alias.name))
        return None


def _last_definition(values: list[Value]) -> list[Value]:
    """Of several functions or classes of one name the last counts; of several values, any."""
    if any(isinstance(value, Symbol) for value in values):
        return values[:1]
    if isinstance(values[-1], Function | Class):
        return values[-1:]
    real = [value for value in values if not (isinstance(value, Const) and value.value is None)]
    return real or values
