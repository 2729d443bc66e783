"""A program: its modules, and the resolution of imports.

Only imported files are parsed, each once. Nothing is ever imported or executed.
"""

from __future__ import annotations

import ast
import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as FilePath

from looplint import prefilter
from looplint.knowledge.effect import Effect
from looplint.profile import timed
from looplint.program.folders import Folders
from looplint.program.import_paths import ImportPaths
from looplint.program.importers import Import, ProjectFiles, modules_meant
from looplint.program.module import Module, files_written
from looplint.program.project_root import ProjectRoots
from looplint.program.step_names import StepNames
from looplint.sources import Contents, Source, Unreadable, bytes_of, from_text, read
from looplint.sources.readable import readable
from looplint.syntax.parse import Parse, Parser, parse


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
    _offers: dict[str, bool] = dataclasses.field(default_factory=dict)
    _imported: dict[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    _folders: Folders = dataclasses.field(default_factory=Folders)
    _roots: ProjectRoots = dataclasses.field(init=False)
    _paths: ImportPaths = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.files = ProjectFiles(self.contents)
        self.step_names = StepNames(self.locate, self.contents)
        self._roots = ProjectRoots(self._folders, self.files)
        self._paths = ImportPaths(self._folders, self.files, self._roots.of)

    def unparsed(self, shown: Callable[[str], str], known: Mapping[str, Effect], parser: Parser | None) -> Program:
        """A program that shares what this one has found out about files and imports."""
        other = Program(shown, known, parser, contents=self.contents, parse=self.parse)
        other.files, other.step_names, other._imported = self.files, self.step_names, self._imported
        other._folders, other._roots, other._paths = self._folders, self._roots, self._paths
        return other

    def add(self, source: Source, path: str) -> Module:
        """Parse a source and add it to the program; of a broken one, the parts that can be parsed."""
        with timed("parse"):
            try:
                tree = self.parse(source.text, self.parser)
            except SyntaxError:
                source = readable(source, self.parser)
                tree = self.parse(source.text, self.parser)
        files = files_written(source, tree)
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
                self._folders.add(path, name)

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

    def root(self, folder: str) -> str:
        """The root folder of a file's project."""
        return self._roots.of(folder)

    def locate(self, importer: str, dotted: str, level: int = 0) -> str | None:
        """The path of the module that an import statement of the file `importer` resolves to; nothing is read."""
        return self._paths.locate(importer, dotted, level)

    def find(self, importer: Module, dotted: str, level: int = 0) -> Module | None:
        """The module that an import statement of `importer` resolves to, None if it is not in the program."""
        path = self.locate(importer.path, dotted, level)
        return None if path is None else self._lead(importer, self.load(path))

    def drop(self, path: str) -> None:
        """Drop one file, so that it is read again when needed."""
        self._offers.pop(path, None)
        self._imported.pop(path, None)
        self.step_names.drop(path)
        self._paths.drop_search_paths()
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
            self._folders.drop(path)
            self._paths.drop()
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
        path = self._folders.module_at(os.path.dirname(module.path), [name])
        return None if path is None else self._lead(module, self.load(path))

    def _lead(self, importer: Module, found: Module | None) -> Module | None:
        if found is not None:
            self.resolved.setdefault(importer.path, set()).add(found.path)
        return found
