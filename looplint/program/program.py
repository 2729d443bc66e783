"""A program: its modules, and the resolution of imports.

Only imported files are parsed, each once. Nothing is ever imported or executed.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import itertools
import os
import re
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from looplint import prefilter
from looplint.events import Place
from looplint.knowledge.effect import Effect
from looplint.module_classes import ModuleReader
from looplint.module_classes.modes import Free
from looplint.modules import ModuleClass
from looplint.profile import timed
from looplint.program.importers import SKIPPED, Import, ProjectFiles, imports_in, modules_meant, python_files
from looplint.program.outline import Outline, calls_in
from looplint.program.step_names import StepNames
from looplint.sources import Contents, Source, Unreadable, bytes_of, from_text, read
from looplint.sources.readable import readable
from looplint.syntax.imports import Imports
from looplint.syntax.newer_nodes import TypeAlias
from looplint.syntax.parse import Parse, Parser, parse
from looplint.syntax.walk import nodes, statements, top_level

if TYPE_CHECKING:
    from looplint.syntax.located import ConcreteNode, Located

EXTERNAL = frozenset(("torch", "numpy", "torchvision", "transformers", "accelerate", "lightning", "pytorch_lightning"))
"""Packages that are never inlined, even if they lie beside the project."""

_REPOSITORY = (".git", ".hg")

FOLDERS_UP = 8
"""Parent folders that may belong to a project outside a repository."""

_MOVABLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)
"""Statements whose text a fix may insert elsewhere."""

_EXTENDS = re.compile(rb"\bsys\.path(?:\.|\[|\s*\+?=)")
"""Code that changes Python's module search path."""

_MAY_BE_GENERIC = re.compile(r"\b(?:def|class)[ \t]+\w+[ \t]*\[")
_GAP = 1
"""Folders with nothing but folders between two that belong to a project."""

_ROOT_HINTS = (
    "README",
    "requirements",
    "LICENSE",
    "environment.y",
    "pyproject.toml",
    "setup.",
    "looplint.toml",
    ".looplint.toml",
)

_SHARED = frozenset(map(os.path.realpath, (os.path.expanduser("~"), tempfile.gettempdir())))
"""Folders in which unrelated projects lie side by side, whatever else they contain."""

_LARGE = 1000
"""Python files below a folder beyond which only imports, not the mere presence of code, join it to one below it."""

_SIBLINGS = 200
"""Entries of a folder that are examined for whether they join its folders into one project."""


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
        self._lines: list[str] | None = None
        self._places: dict[ast.AST, Place] = {}
        self._concrete: Located | None = None

    def __repr__(self) -> str:
        return f"Module({self.path})"

    @property
    def lines(self) -> list[str]:
        """The rows of the text."""
        if self._lines is None:
            self._lines = self.source.text.split("\n")
        return self._lines

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
        if found is None:
            found = self._places[node] = self._place(node)
        return found

    def concrete_at(self, place: Place) -> ConcreteNode | None:
        """The libcst node at a place of this file, None if libcst cannot parse it."""
        if self._concrete is None:
            from looplint.syntax.located import Located

            try:
                self._concrete = Located(self.source.text)
            except SyntaxError:
                return None
        return self._concrete.node(place.row, place.column, place.end_row, place.end_column)

    def _place(self, node: ast.AST) -> Place:
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
        return Place(self.source.path, row, column + 1, end_row, end_column + 1, text)

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


def _files(source: Source, tree: ast.Module) -> dict[str, ast.Module]:
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


@dataclasses.dataclass(slots=True)
class Program:
    """All modules that are analysed together.

    `shown`: the name under which a file's findings are reported. `sources`: what was read, by that name. `resolved`:
    the files that the imports of a file resolve to. `rows`: how many rows were parsed. `notebooks`: the notebook that
    writes the file on a path. `contents`: reads a file. `parse`: parses a text; each call returns a tree of its own.
    `files`: those of the surrounding projects. `step_names`: the names through which files clear, step or
    back-propagate in other files.
    """

    shown: Callable[[str], str] = lambda path: path
    known: Mapping[str, Effect] = dataclasses.field(default_factory=dict)
    parser: Parser | None = None
    sources: dict[str, Source] = dataclasses.field(default_factory=dict)
    resolved: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    rows: int = 0
    notebooks: dict[str, Module] = dataclasses.field(default_factory=dict)
    contents: Contents = bytes_of
    parse: Parse = parse
    files: ProjectFiles = dataclasses.field(init=False)
    step_names: StepNames = dataclasses.field(init=False)
    _by_path: dict[str, Module | None] = dataclasses.field(default_factory=dict)
    _folders: dict[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    _roots: dict[str, str] = dataclasses.field(default_factory=dict)
    _large: dict[str, bool] = dataclasses.field(default_factory=dict)
    _links: dict[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    _extending: dict[str, bool] = dataclasses.field(default_factory=dict)
    _offers: dict[str, bool] = dataclasses.field(default_factory=dict)
    _found: dict[tuple[str, str, int], str | None] = dataclasses.field(default_factory=dict)
    _imported: dict[str, frozenset[str]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = ProjectFiles(self.contents)
        self.step_names = StepNames(self.locate, self.contents)

    def unparsed(self, shown: Callable[[str], str], known: Mapping[str, Effect], parser: Parser | None) -> Program:
        """A program that shares what this one has found out about files and imports."""
        other = Program(shown, known, parser, contents=self.contents, parse=self.parse)
        other.files, other.step_names = self.files, self.step_names
        other._folders, other._roots, other._large = self._folders, self._roots, self._large
        other._links, other._extending, other._found = self._links, self._extending, self._found
        other._imported = self._imported
        return other

    def add(self, source: Source, path: str) -> Module:
        """Parse a source and add it to the program; of a broken one, the parts that can be parsed."""
        with timed("parse"):
            try:
                tree = self.parse(source.text, self.parser)
            except SyntaxError:
                source = readable(source, self.parser)
                tree = self.parse(source.text, self.parser)
        files = _files(source, tree)
        module = Module(source, files.pop(""), path)
        if path:
            self._write(module, files)
        self._by_path[path or source.path] = module
        self.sources[source.path] = source
        self.rows += source.text.count("\n") + 1
        return module

    def _write(self, notebook: Module, files: dict[str, ast.Module]) -> None:
        """Add the files that a notebook's cells write as modules."""
        notebook.written = tuple(
            Module(notebook.source, tree, os.path.join(notebook.path, file), file) for file, tree in files.items()
        )
        for module in notebook.written:
            self._by_path[module.path] = module
            self.notebooks[module.path] = notebook
            path = module.path
            while path != notebook.path:
                path, name = os.path.split(path)
                self._folders[path] = self._list(path) | {name}

    def at(self, source: Source, path: str) -> Module | None:
        """The module parsed from this path before, if the text is the same."""
        known = self._by_path.get(path) if path else None
        return known if known is not None and known.source == source else None

    def load(self, path: str) -> Module | None:
        """The module in a file, None if it cannot be parsed."""
        if path not in self._by_path:
            self._by_path[path] = None
            try:
                data = self.contents(path)
                sources = from_text(data, self.shown(path)) if data else read(FilePath(path), self.shown(path))
                if len(sources) == 1:
                    self.add(sources[0], path)
            except Unreadable:
                pass
        return self._by_path[path]

    def may_export(self, path: str) -> bool:
        """Whether a file may export what its importers are judged by."""
        if path not in self._offers:
            always = path in self.notebooks or os.path.basename(path) == "__init__.py"
            self._offers[path] = always or prefilter.may_export(self.contents(path))
        return self._offers[path]

    def imported_steps(self, module: Module) -> frozenset[str]:
        """The names in a module through which other files of the project clear, step or back-propagate."""
        if not module.path:
            return frozenset()
        step_names = self.step_names
        if module.written or module.path in self.notebooks:
            step_names = StepNames(self.locate, self._written)
        found = step_names.imported(module.path, module.source.text.encode("utf-8", "surrogatepass"))
        return frozenset(name.decode("utf-8", "replace") for name in found)

    def _written(self, path: str) -> bytes:
        """The contents of a file, or of one that a notebook writes."""
        notebook = self.notebooks.get(path)
        if notebook is None:
            return self.contents(path)
        own = [s for s in notebook.source.segments if os.path.join(notebook.path, s.file) == path]
        rows = [row for s in own for row in notebook.lines[s.row - 1 : s.row - 1 + s.rows]]
        return "\n".join(rows).encode("utf-8", "surrogatepass")

    def joins_steps(self, path: str) -> bool:
        """Whether a file is imported by one that clears, steps or back-propagates, or uses a file that does."""
        stem = os.path.splitext(os.path.basename(path))[0].encode()
        for importer in self.files.importing(self.root(os.path.dirname(path)), {stem}):
            if importer != path and path in self.imported_by(importer) and self.step_names.trains(importer):
                return True
        return False

    def imported_by(self, importer: str) -> frozenset[str]:
        """The files that the imports of a file may resolve to, judged by its text: modules, and imported names that are
        modules. None are known of a file that `files.importing` has not read."""
        found = self._imported.get(importer)
        if found is None:
            found = self.located(importer, imports := self.files.imports(importer))
            if imports:
                self._imported[importer] = found
        return found

    def located(self, importer: str, imports: Iterable[Import]) -> frozenset[str]:
        """The files that these imports of a file may resolve to."""
        found = {self.locate(importer, each, imported[0]) for imported in imports for each in modules_meant(imported)}
        return frozenset(path for path in found if path is not None)

    def find(self, importer: Module, dotted: str, level: int = 0) -> Module | None:
        """The module that an import statement of `importer` resolves to, None if it is not in the program."""
        path = self.locate(importer.path, dotted, level)
        return None if path is None else self._lead(importer, self.load(path))

    def locate(self, importer: str, dotted: str, level: int = 0) -> str | None:
        """The path of the module that an import statement of the file `importer` resolves to; nothing is read."""
        if not importer or (dotted.partition(".")[0] in EXTERNAL and not level):
            return None
        folder = importer if importer in self._folders else os.path.dirname(importer)
        key = (folder, dotted, level)
        if key not in self._found:
            self._found[key] = self._search(folder, dotted, level)
        return self._found[key]

    def _search(self, folder: str, dotted: str, level: int) -> str | None:
        parts = dotted.split(".") if dotted else []
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._module_at(folder, parts)
        start, root = folder, self.root(folder)
        while parts:
            for base in (folder, os.path.join(folder, "src")):
                if parts[0] in self._list(base) or parts[0] + ".py" in self._list(base):
                    if path := self._module_at(base, parts):
                        return path
            if folder == root or os.path.dirname(folder) == folder:
                return self._on_another_path(start, root, parts)
            folder = os.path.dirname(folder)
        return None

    def _on_another_path(self, folder: str, root: str, parts: list[str]) -> str | None:
        """The module of that name elsewhere in the project, where Python's search path was extended: by the code, or by
        whoever runs it. Of several, the nearest."""
        if parts[0] in sys.stdlib_module_names or (len(parts) == 1 and not self._extends_path(folder)):
            return None
        last = os.sep + os.path.join(*parts)
        ends = last + ".py", os.path.join(last, "__init__.py")
        found = [path for path in self.files.named(root, parts[-1]) if path.endswith(ends)]
        near = [len(os.path.commonpath((folder, path))) for path in found]
        nearest = [path for path, common in zip(found, near, strict=True) if common == max(near)]
        return nearest[0] if len(nearest) == 1 else None

    def _extends_path(self, folder: str) -> bool:
        """Whether a file in a folder changes Python's module search path."""
        if folder not in self._extending:
            files = [os.path.join(folder, name) for name in sorted(self._list(folder)) if name.endswith(".py")]
            self._extending[folder] = any(_EXTENDS.search(self.files.read(file)) for file in files[:_SIBLINGS])
        return self._extending[folder]

    def _module_at(self, base: str, parts: list[str]) -> str | None:
        folder = os.path.join(base, *parts[:-1]) if parts else base
        if parts and parts[-1] + ".py" in self._list(folder):
            return os.path.join(folder, parts[-1] + ".py")
        if parts and parts[-1] not in self._list(folder):
            return None
        package = os.path.join(folder, parts[-1]) if parts else folder
        if "__init__.py" in self._list(package):
            return os.path.join(package, "__init__.py")
        return None

    def drop(self, path: str) -> None:
        """Drop one file, so that it is read again when needed."""
        self._offers.pop(path, None)
        self._imported.pop(path, None)
        self.step_names.drop(path)
        self._extending.clear()
        self.resolved.pop(path, None)
        module = self._by_path.pop(path, None)
        if module is None:
            return
        self.rows -= module.source.text.count("\n") + 1
        self.sources.pop(module.source.path, None)
        for part in module.written:
            self._by_path.pop(part.path, None)
            self.notebooks.pop(part.path, None)
        if module.written:
            inside = path + os.sep
            for folder in [f for f in self._folders if f == path or f.startswith(inside)]:
                del self._folders[folder]
            self._found.clear()
            self._imported.clear()

    def forget(self) -> None:
        """Drop all modules and their trees, which the garbage collector would otherwise search for cycles."""
        for module in self.modules():
            module.__dict__.clear()
        self._by_path.clear()

    def modules(self) -> Iterator[Module]:
        """All modules read so far."""
        return (module for module in self._by_path.values() if module is not None)

    def submodule(self, module: Module, name: str) -> Module | None:
        """`name` as a module of the package `module`."""
        if os.path.basename(module.path) != "__init__.py":
            return None
        path = self._module_at(os.path.dirname(module.path), [name])
        return None if path is None else self._lead(module, self.load(path))

    def _lead(self, importer: Module, found: Module | None) -> Module | None:
        if found is not None:
            self.resolved.setdefault(importer.path, set()).add(found.path)
        return found

    def root(self, folder: str) -> str:
        """The root folder of a file's project: its repository or, without one (an archive, a folder in a container),
        the highest parent that looks like a part of a project or is imported from below."""
        if folder not in self._roots:
            here = folder
            while not any(mark in self._list(here) for mark in _REPOSITORY):
                above = os.path.dirname(here)
                if above == here:
                    here = self._outermost(folder)
                    break
                here = above
            self._roots[folder] = here
        return self._roots[folder]

    def _outermost(self, folder: str) -> str:
        outermost = folder
        gap = 0
        for _ in range(FOLDERS_UP):
            above = os.path.dirname(folder)
            if above in _SHARED or os.path.dirname(above) == above or gap > _GAP:
                break
            if self._belongs(folder, above) or os.path.basename(folder) in self._linked(above):
                outermost, gap = above, 0
            else:
                gap += 1
            folder = above
        return outermost

    def _belongs(self, folder: str, above: str) -> bool:
        """Whether a folder and the one above it look like one project: a package and its parent, or a folder without
        files of a project's top folder in one that contains code. A large folder may be a collection of projects."""
        if not self._is_part(above):
            return False
        if "__init__.py" in self._list(folder):
            return True
        top = any(name.startswith(_ROOT_HINTS) for name in self._list(folder))
        return not top and not self._is_large(above)

    def _is_large(self, folder: str) -> bool:
        if folder not in self._large:
            self._large[folder] = next(itertools.islice(python_files(folder), _LARGE, None), None) is not None
        return self._large[folder]

    def _is_part(self, folder: str) -> bool:
        """Whether a folder contains code, or files of a project's top folder."""
        return os.path.basename(folder) == "src" or any(
            name.endswith(".py") or name.startswith(_ROOT_HINTS) for name in self._list(folder)
        )

    def _linked(self, above: str) -> frozenset[str]:
        """The folders in a folder that its code joins: modules are imported by their path from there, or a file that
        extends Python's search path lies in one or names it."""
        if above not in self._links:
            found: set[str] = set()
            inside = {name for name in self._list(above) if name.isidentifier()}
            packaged = [name for name in sorted(self._list(above))[:_SIBLINGS] if self._has_sources(above, name)]
            for file in self._near(above):
                own = os.path.relpath(file, above).partition(os.sep)[0]
                data = self.files.read(file)
                for level, dotted, names in imports_in(data):
                    head = dotted.partition(".")[0]
                    if level or not head:
                        continue
                    if self._resolves_in(above, dotted, names):
                        found |= {own, head}
                    elif self._is_module_above(file, above, head):
                        found.add(own)
                    elif "src" in inside and self._resolves_in(os.path.join(above, "src"), dotted, names):
                        found |= {own, "src"}
                    for name in packaged:
                        if name != own and self._resolves_in(os.path.join(above, name, "src"), dotted, names):
                            found |= {own, name}
                if _EXTENDS.search(data):
                    found |= {own, *(name for name in inside if name.encode() in data)}
            self._links[above] = frozenset(found)
        return self._links[above]

    def _has_sources(self, folder: str, name: str) -> bool:
        """Whether a folder in a folder is a distribution with its packages in `src`."""
        path = os.path.join(folder, name)
        return name not in SKIPPED and os.path.isdir(path) and "src" in self._list(path)

    def _is_module_above(self, file: str, above: str, name: str) -> bool:
        """Whether a file imports a module that lies in a folder above its own, and in none between."""
        folder = os.path.dirname(file)
        while folder != above:
            if name in self._list(folder) or name + ".py" in self._list(folder):
                return False
            folder = os.path.dirname(folder)
        return os.path.dirname(file) != above and name + ".py" in self._list(above)

    def _near(self, folder: str) -> list[str]:
        """The Python files in a folder and below it, nearest first, up to a limit."""
        waiting = deque([folder])
        found: list[str] = []
        for _ in range(_SIBLINGS):
            if not waiting or len(found) > _SIBLINGS:
                break
            place = waiting.popleft()
            for name in sorted(self._list(place)):
                if name.endswith(".py"):
                    found.append(os.path.join(place, name))
                elif name.isidentifier() and name not in SKIPPED:
                    waiting.append(os.path.join(place, name))
        return found[:_SIBLINGS]

    def _resolves_in(self, base: str, dotted: str, names: tuple[str, ...]) -> bool:
        """Whether an import resolves to something in a folder of `base`."""
        parts = dotted.split(".")
        if parts[0] not in self._list(base):
            return False
        meant = [parts, *([*parts, name] for name in names)]
        return any(len(each) > 1 and self._module_at(base, each) is not None for each in meant)

    def _list(self, folder: str) -> frozenset[str]:
        if folder not in self._folders:
            try:
                self._folders[folder] = frozenset(os.listdir(folder or "."))
            except OSError:
                self._folders[folder] = frozenset()
        return self._folders[folder]
