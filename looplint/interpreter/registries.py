"""Registries: dictionaries of a module that decorators fill, `@register("name")` above a class."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from looplint.interpreter.arguments import Arguments
from looplint.interpreter.part import Part
from looplint.interpreter.values import Class, Collection, Function, Value
from looplint.program.module import Module
from looplint.program.outline import names_in
from looplint.syntax.walk import nodes

FILES = 40
"""How many files are searched for what is entered into one dictionary."""

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Registries(Part):
    """Finds what decorators enter into a dictionary at the top level of a file."""

    def fill(self, module: Module, name: str, value: Value) -> None:
        """Enter what the decorators of a program put into the empty dictionary that `module` binds to `name`."""
        if not isinstance(value, Collection) or not value.mapping or value.items or value.more:
            return
        fillers = _fillers(module, name)
        for file in self._files(module) if fillers else ():
            for definition, decorator in _decorated(file, fillers):
                self._enter(file, definition, decorator)

    def defined(self, definition: Definition) -> None:
        """Enter a class or function into the dictionaries in which its decorators set an entry."""
        for decorator in definition.decorator_list:
            written = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(written, ast.Name | ast.Attribute):
                with self.reader.flow.silently():
                    function = self.reader.evaluate(written)
                    if isinstance(function, Function) and any(_entries(function.node)):
                        self._decorate(definition, decorator)

    def _files(self, module: Module) -> list[Module]:
        """The files whose definitions may be entered: that of the dictionary, that of the entry point, what they
        import, and what that imports, as a package imports its parts."""
        found = dict.fromkeys((module, self.reader.module))
        for _ in range(2):
            for file in list(found):
                found |= dict.fromkeys(self._imported(file))
        return list(found)[:FILES]

    def _imported(self, file: Module) -> Iterator[Module]:
        for level, dotted, names in file.imports:
            for part in (dotted, *(f"{dotted}.{name}".strip(".") for name in names)):
                imported = self.reader.imports.module_of(file, part, level) if part or level else None
                if imported is not None:
                    yield imported

    def _enter(self, file: Module, definition: Definition, decorator: ast.expr) -> None:
        there = self.reader.now.in_frame(self.reader.frame_of(file))
        there.chain, there.contexts = 0, frozenset()
        with self.reader.flow.silently(), self.reader.at(there):
            self._decorate(definition, decorator)

    def _decorate(self, definition: Definition, decorator: ast.expr) -> None:
        """Call a decorator with what it stands above."""
        enters = self.reader.evaluate(decorator)
        if isinstance(enters, Function):
            frame = self.reader.now.frame
            value = Class(definition, frame) if isinstance(definition, ast.ClassDef) else Function(definition, frame)
            call = _CALLS.setdefault(decorator, ast.copy_location(ast.Call(decorator, [], []), decorator))
            self.reader.call(enters, Arguments([value], {}), call)


def _fillers(module: Module, name: str) -> frozenset[str]:
    """The functions at the top level of a file that set an entry of this dictionary."""
    found = set()
    for function in module.tree.body:
        if isinstance(function, ast.FunctionDef) and name in names_in(function):
            if any(isinstance(e.value, ast.Name) and e.value.id == name for e in _entries(function)):
                found.add(function.name)
    return frozenset(found)


def _entries(function: ast.AST) -> Iterator[ast.Subscript]:
    """The entries that a function sets, in its inner functions as well."""
    return (n for n in nodes(function) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store))


def _decorated(file: Module, fillers: frozenset[str]) -> Iterator[tuple[Definition, ast.expr]]:
    """The definitions at the top level of a file under one of these decorators."""
    for statement in file.tree.body:
        if isinstance(statement, Definition):
            for decorator in statement.decorator_list:
                written = decorator.func if isinstance(decorator, ast.Call) else decorator
                last = written.attr if isinstance(written, ast.Attribute) else getattr(written, "id", "")
                if last in fillers:
                    yield statement, decorator


_CALLS: WeakKeyDictionary[ast.expr, ast.Call] = WeakKeyDictionary()
