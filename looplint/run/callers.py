"""Who calls the functions of a file: the files of the project that import it, directly or not."""

from __future__ import annotations

import ast
import itertools
import os
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Generic, TypeVar

from looplint.interpreter.suggested_by_name import may_clear
from looplint.program.module import Module
from looplint.program.outline import names_in
from looplint.program.program import Program

CALLERS = 16
"""Files that call into the linted file and are analysed; beyond it, what a further caller does to a function is
unknown, and mistakes on its paths are missed."""

BASES = 8
"""Length of a chain of base classes, imports included, that is followed; a longer one counts as unknown."""

T = TypeVar("T")


class Callers:
    """The callers of the files of a program. `more`: the limit that kept callers of a file from being evaluated, as the
    end of a sentence. `has_entries`: whether a file has entry points of its own. `alone`: no other file of the project
    is linted."""

    def __init__(self, program: Program, has_entries: Callable[[Module], bool], alone: bool = False) -> None:
        self.program = program
        self.files = program.files
        self.more: dict[str, str] = {}
        self.alone = alone
        self._has_entries = has_entries
        self._callers: dict[str, _Lazily[tuple[Module, frozenset[str]]]] = {}
        self._importing: dict[str, _Lazily[str]] = {}
        self._imports: dict[str, frozenset[str]] = {}

    def known(self, path: str) -> list[tuple[Module, frozenset[str]]]:
        """The callers of a file that were found so far."""
        return self._callers[path].known if path in self._callers else []

    def drop(self, path: str) -> None:
        """Look for all callers again: the text of a file has changed."""
        self._imports.pop(path, None)
        self._importing.clear()
        self._callers.clear()
        self.more.clear()

    def importers_of(self, path: str) -> set[str]:
        """The files that import a file, directly or not, itself included."""
        seen = {path}
        waiting = [path]
        while waiting:
            imported = waiting.pop()
            root = self.program.root(os.path.dirname(imported))
            words = homes(imported) | {os.fsencode(os.path.basename(os.path.dirname(imported)))}
            importers = {
                other for other in self.files.importing(root, words) if imported in self.program.imported_by(other)
            }
            importers.update(other for other, led in self.program.resolved.items() if imported in led)
            waiting += importers - seen
            seen |= importers
        return seen

    def imports_of(self, paths: Iterable[str]) -> set[str]:
        """The files that these files import, directly or not, themselves included."""
        seen = set(paths)
        waiting = list(seen)
        while waiting:
            path = waiting.pop()
            found = self.program.imported_by(path) | self.program.resolved.get(path, set())
            waiting += found - seen
            seen |= found
        return seen

    def calling(self, module: Module) -> Iterator[tuple[Module, frozenset[str]]]:
        """Files of the project that may call functions of this one, directly or not, nearest first, each with the names
        in it that lead to such a call."""
        if not module.path:
            return iter(())
        if module.path not in self._callers:
            self._callers[module.path] = _Lazily(self._find_callers(module))
        return iter(self._callers[module.path])

    def judge_too(self, module: Module) -> bool:
        """Whether functions of a file that is linted alone are judged by themselves and in their callers: nothing in
        them clears, steps or back-propagates, so that no caller completes them."""
        return self.alone and not module.outline.entry_names and self._has_entries(module)

    def _find_callers(self, module: Module) -> Iterator[tuple[Module, frozenset[str]]]:
        names = module.outline.exported_names if module.outline.entry_names else frozenset()
        if not names and not self._has_entries(module):
            # Only what its callers do with it matters, not what it does itself.
            names = frozenset(
                function.name if owner is None else owner.name for function, owner in module.outline.functions
            )
        if not names and self.alone:
            names = module.outline.reported
        seen = {module.path}
        waiting: deque[tuple[Module, frozenset[str]]] = deque([(module, names)] if names else [])
        while waiting:
            imported, wanted = waiting.popleft()
            for importer in self._importers(imported, {name.encode() for name in wanted}):
                if importer.path not in seen:
                    if len(seen) > CALLERS:
                        self.more[module.path] = f"there are more than {CALLERS} files of them"
                        return
                    seen.add(importer.path)
                    found = importer, importer.outline.names_reaching(wanted)
                    waiting.append(found)
                    yield found

    def _importers(self, module: Module, names: Collection[bytes]) -> Iterator[Module]:
        """The modules that import one and contain one of these names."""
        meant = _import_paths(module)
        for path in self._files_importing(module):
            data = self.files.read(path)
            if any(name in data for name in names):
                found = self.program.load(path)
                if found is not None and not meant.isdisjoint(self._imported(found)):
                    yield found
        yield from self._parts_importing(module)

    def _files_importing(self, module: Module) -> Iterator[str]:
        if module.path not in self._importing:
            self._importing[module.path] = _Lazily(self._find_importing(module))
        return iter(self._importing[module.path])

    def _find_importing(self, module: Module) -> Iterator[str]:
        """The files that import a module. They are filtered by their bytes first: most files with that name in an
        import statement mean another module, and need no parsing."""
        if module.path not in self.program.notebooks:
            meant = _import_paths(module)
            for path in self.files.importing(self.program.root(os.path.dirname(module.path)), homes(module.path)):
                if path != module.path and not meant.isdisjoint(self.program.imported_by(path)):
                    yield path

    def _parts_importing(self, module: Module) -> Iterator[Module]:
        """The parts of its notebook that import a module written by the notebook."""
        notebook = self.program.notebooks.get(module.path)
        if notebook is not None:
            meant = _import_paths(module)
            parts = (notebook, *notebook.written)
            yield from (part for part in parts if not meant.isdisjoint(self._imported(part)))

    def _imported(self, importer: Module) -> frozenset[str]:
        """The files that the import statements of a module resolve to: modules, and the packages that contain them."""
        if importer.path not in self._imports:
            self._imports[importer.path] = self.program.located(importer.path, importer.imports)
        return self._imports[importer.path]

    def named_elsewhere(self, module: Module, name: str) -> bool:
        """Whether other files name a function of the module: a caller that was not inlined may exist."""
        if not module.path or name not in module.outline.entry_names:
            return False
        if any(name in names_in(part.tree) for part in self._parts_importing(module)):
            return True
        importing = (path for path in self._files_importing(module) if name.encode() in self.files.read(path))
        callers = (caller for path in importing if (caller := self.program.load(path)) is not None)
        return any(not self._only_as_bases(caller, name) for caller in callers)

    def _only_as_bases(self, caller: Module, name: str) -> bool:
        """Whether another module uses a name only in imports and as a base of classes that clear no gradients, and uses
        the names of these classes only so."""
        names = {name}
        rows = caller.source.text.splitlines()
        for node in caller.tree.body:
            bases = [base.id if isinstance(base, ast.Name) else "" for base in getattr(node, "bases", ())]
            # Another base may clear gradients, unless its source is known.
            others = [base for base in bases if base not in names]
            derived = len(others) < len(bases) and all(self._is_plain_base(caller, other) for other in others)
            imported = isinstance(node, ast.ImportFrom) and any(a.name in names and not a.asname for a in node.names)
            if (derived and not _clears(node)) or imported:
                if isinstance(node, ast.ClassDef):
                    names.add(node.name)
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                rows[node.lineno - 1 : node.lineno - 1 + count] = [""] * count
        return re.search(rf"\b(?:{'|'.join(names)})\b", "\n".join(rows)) is None

    def _is_plain_base(self, module: Module, name: str, depth: int = 0) -> bool:
        """Whether a name is bound to a class whose source and bases are known and which clears no gradients."""
        statement = next(iter(module.bindings.get(name, [])[-1:]), None)
        if isinstance(statement, ast.ClassDef) and depth < BASES:
            bases = [base.id if isinstance(base, ast.Name) else "" for base in statement.bases]
            return not _clears(statement) and all(
                base == "object" or self._is_plain_base(module, base, depth + 1) for base in bases
            )
        if isinstance(statement, ast.ImportFrom):
            found = self.program.find(module, statement.module or "", statement.level)
            meant = next((alias.name for alias in statement.names if (alias.asname or alias.name) == name), "")
            return found is not None and depth < BASES and self._is_plain_base(found, meant, depth + 1)
        return False


def _clears(node: ast.AST) -> bool:
    return any(map(may_clear, names_in(node)))


def _import_paths(module: Module) -> set[str]:
    """The paths that an import of a module resolves to: its own, and its package's."""
    return {module.path, os.path.join(os.path.dirname(module.path), "__init__.py")}


class _Lazily(Generic[T]):
    """The files that call into one, found on demand: most candidates have to be read to be ruled out."""

    def __init__(self, rest: Iterator[T]) -> None:
        self.known: list[T] = []
        self._rest = rest

    def __iter__(self) -> Iterator[T]:
        for index in itertools.count():
            if index == len(self.known):
                self.known += itertools.islice(self._rest, 1)
            if index == len(self.known):
                return
            yield self.known[index]


def homes(path: str) -> frozenset[bytes]:
    """Words of which an import statement of a file contains at least one: its name, its folder's name."""
    stem = os.path.splitext(os.path.basename(path))[0]
    folder = os.path.basename(os.path.dirname(path))
    return frozenset({os.fsencode(folder), os.fsencode(stem)} - {b"__init__"})
