"""One parsed file of a program: its tree, what it binds and imports, and where its nodes are."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events import Place
from looplint.module_classes import ModuleReader
from looplint.module_classes.modes import Free
from looplint.module_classes.module_class import ModuleClass
from looplint.program.outline import Outline, calls_in
from looplint.sources import Source
from looplint.syntax.imports import Imports
from looplint.syntax.newer_nodes import TypeAlias
from looplint.syntax.walk import nodes, statements, top_level

if TYPE_CHECKING:
    from looplint.syntax.located import ConcreteNode, Located

_MOVABLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)
"""Statements whose text a fix may insert elsewhere."""

_MAY_BE_GENERIC = re.compile(r"\b(?:def|class)[ \t]+\w+[ \t]*\[")
"""Code that may declare type parameters."""


class Module:
    """One parsed file, notebook or Markdown page. `written`: files that the cells of a notebook write, each a module on
    a path below the notebook's, where its imports find them first."""

    written: tuple[Module, ...] = ()

    def __init__(self, source: Source, tree: ast.Module, path: str, name: str = "") -> None:
        self.source = source
        self.tree = tree
        self.path = path
        self.name = name
        self.outline = Outline(tree, source.text)
        self._ascii = source.text.isascii()
        self._places: dict[ast.AST, Place] = {}
        self._concrete: Located | None = None

    def __repr__(self) -> str:
        return f"Module({self.path})"

    @functools.cached_property
    def lines(self) -> list[str]:
        """The rows of the text."""
        return self.source.text.split("\n")

    @functools.cached_property
    def type_bounds(self) -> dict[str, ast.expr]:
        """The bounds of the module's type parameters; a name used for several types has none."""
        bounds: dict[str, ast.expr] = {}
        if _MAY_BE_GENERIC.search(self.source.text):
            for node in nodes(self.tree):
                for parameter in getattr(node, "type_params", ()):
                    bound = getattr(parameter, "bound", None)
                    if bound is not None and ast.dump(bounds.setdefault(parameter.name, bound)) != ast.dump(bound):
                        bounds[parameter.name] = ast.Constant(None)
        return bounds

    def place(self, node: ast.AST) -> Place:
        """The place of a node: rows and columns from 1, columns in characters."""
        found = self._places.get(node)
        if found is not None:
            return found
        row, end_row = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        column, end_column = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        if not self._ascii:
            column, end_column = self._characters(row, column), self._characters(end_row, end_column)
        text = ""
        if row == end_row:
            text = self.lines[row - 1][column:end_column]
        elif isinstance(node, _MOVABLE):
            rows = self.lines[row - 1 : end_row]
            text = "\n".join([rows[0][column:], *rows[1:-1], rows[-1][:end_column]])
        self._places[node] = Place(self.source.path, row, column + 1, end_row, end_column + 1, text)
        return self._places[node]

    def callee_at(self, place: Place) -> Place | None:
        """The place of the function in the call at a place of this file, None if there is no call."""
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and node.lineno == place.row)
        return next((self.place(call.func) for call in calls if self.place(call) == place), None)

    def concrete_at(self, place: Place) -> ConcreteNode | None:
        """The libcst node at a place of this file, None if libcst cannot parse it."""
        if self._concrete is None:
            from looplint.syntax.located import Located

            try:
                self._concrete = Located(self.source.text)
            except SyntaxError:
                return None
        return self._concrete.node(place.row, place.column, place.end_row, place.end_column)

    def _characters(self, row: int, offset: int) -> int:
        line = self.lines[row - 1]
        return offset if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))

    @functools.cached_property
    def bindings(self) -> dict[str, list[ast.stmt]]:
        """The statements that bind each module-level name, in order; then those in functions that declare it global."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in top_level(self.tree.body):
            for name in _bound(statement):
                found.setdefault(name, []).append(statement)
        for shared in statements(self.tree.body) if "global " in self.source.text else ():
            if isinstance(shared, ast.FunctionDef | ast.AsyncFunctionDef):
                own = list(top_level(shared.body))
                names = {name for statement in own if isinstance(statement, ast.Global) for name in statement.names}
                for statement in own if names else ():
                    for name in names.intersection(_bound(statement)):
                        found.setdefault(name, []).append(statement)
        return found

    @functools.cached_property
    def import_statements(self) -> list[ast.Import | ast.ImportFrom]:
        """All import statements, at any depth."""
        return [s for s in statements(self.tree.body) if isinstance(s, ast.Import | ast.ImportFrom)]

    @functools.cached_property
    def imports(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """All imports, at any depth: dots, dotted name, and the imported names, none for `import m`."""
        found: list[tuple[int, str, tuple[str, ...]]] = []
        for statement in self.import_statements:
            if isinstance(statement, ast.Import):
                found += ((0, alias.name, ()) for alias in statement.names)
            else:
                names = tuple(alias.name for alias in statement.names)
                found.append((statement.level, statement.module or "", names))
        return found

    @functools.cached_property
    def _classes(self) -> ModuleReader:
        resolve = Imports.of(self.tree).dotted
        return ModuleReader(self.tree, self.source.path, resolve, self.source.text)

    def classes(self, everywhere: bool = False) -> Iterator[ModuleClass]:
        """The torch module classes that may contain a mistake, in source order, then functions that build networks.
        `everywhere`: any class may contain one."""
        suspects = self._classes.nodes if everywhere else filter(self.outline.has_class_site, self._classes.nodes)
        yield from (cls for node in suspects if (cls := self._classes.read(node)) is not None)
        if self.outline.repeats_layers:
            yield from self._classes.outside()

    def module_class(self, node: ast.ClassDef) -> ModuleClass | None:
        """A class of this file as data, None if it is no torch module."""
        return self._classes.read(node)

    def mode_sensitive(self, node: ast.ClassDef, free: Free) -> bool:
        """Whether a class may compute something different in training mode, where these imported classes do not, and
        these imported functions give none that does by themselves."""
        return self._classes.mode_sensitive(node, free)

    def gives_mode(self, function: ast.FunctionDef) -> bool:
        """Whether a function of this file may give a layer with a mode by itself, whatever is passed to it."""
        return self._classes.gives_mode(function)

    @functools.cached_property
    def stars(self) -> list[ast.ImportFrom]:
        """The `from m import *` statements."""
        return [s for s in self.import_statements if isinstance(s, ast.ImportFrom) and s.names[0].name == "*"]

    @functools.cached_property
    def uses(self) -> dict[str, set[str]]:
        """The methods called in the file, by the last part of the receiver's name: evidence of its type. `backward`
        with an argument is recorded as `backward(loss)`."""
        found: dict[str, set[str]] = {}
        for statement in self.tree.body:
            for receiver, method in calls_in(statement):
                found.setdefault(receiver, set()).add(method)
        return found


def files_written(source: Source, tree: ast.Module) -> dict[str, ast.Module]:
    """The files that a notebook's cells write, by name; under "", the code it runs itself."""
    if not any(segment.file for segment in source.segments):
        return {"": tree}
    bodies: dict[str, list[ast.stmt]] = {"": []}
    for statement in tree.body:
        segment = source.segment(statement.lineno)
        bodies.setdefault(segment.file if segment is not None else "", []).append(statement)
    return {file: ast.Module(body, []) for file, body in bodies.items()}


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _names(target)
    elif isinstance(statement, TypeAlias):
        yield from _names(statement.name)
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
        yield from _names(statement.target)
    elif isinstance(statement, ast.With | ast.AsyncWith):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from _names(item.optional_vars)


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _names(element)
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
