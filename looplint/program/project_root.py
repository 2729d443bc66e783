"""The root folder of a project: how far up from a file the code that belongs to it goes."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections import deque
from collections.abc import Iterator

from looplint.program.folders import Folders
from looplint.program.import_paths import SIBLINGS, extends_path
from looplint.program.importers import SKIPPED, ProjectFiles, imports_in, python_files

_REPOSITORY = (".git", ".hg")

FOLDERS_UP = 8
"""Parent folders that may belong to a project outside a repository."""

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

_BUILDS = ("pyproject.toml", "setup.")
"""Files from which a distribution is built."""

_SHARED = frozenset(map(os.path.realpath, (os.path.expanduser("~"), tempfile.gettempdir())))
"""Folders in which unrelated projects lie side by side, whatever else they contain."""

_LARGE = 1000
"""Python files below a folder beyond which only imports, not the mere presence of code, join it to one below it."""


class ProjectRoots:
    """The root of each folder's project, found once. `folders`: their contents. `files`: those of the projects."""

    def __init__(self, folders: Folders, files: ProjectFiles) -> None:
        self._folders = folders
        self._files = files
        self._roots: dict[str, str] = {}
        self._large: dict[str, bool] = {}
        self._links: dict[str, frozenset[str]] = {}

    def of(self, folder: str) -> str:
        """The root folder of a file's project: its repository or, without one (an archive, a folder in a container),
        the highest parent that looks like a part of a project or is imported from below."""
        if folder not in self._roots:
            here = folder
            while not any(mark in self._folders.names(here) for mark in _REPOSITORY):
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
        if "__init__.py" in self._folders.names(folder):
            return True
        top = any(name.startswith(_ROOT_HINTS) for name in self._folders.names(folder))
        return not top and not self._is_large(above)

    def _is_large(self, folder: str) -> bool:
        if folder not in self._large:
            self._large[folder] = next(itertools.islice(python_files(folder), _LARGE, None), None) is not None
        return self._large[folder]

    def _is_part(self, folder: str) -> bool:
        """Whether a folder contains code, or files of a project's top folder."""
        return os.path.basename(folder) == "src" or any(
            name.endswith(".py") or name.startswith(_ROOT_HINTS) for name in self._folders.names(folder)
        )

    def _linked(self, above: str) -> frozenset[str]:
        """The folders in a folder that its code joins: modules are imported by their path from there, or a file that
        extends Python's search path lies in one or names it."""
        if above not in self._links:
            found: set[str] = set()
            inside = {name for name in self._folders.names(above) if name.isidentifier()}
            packaged = [
                (name, base)
                for name in sorted(self._folders.names(above))[:SIBLINGS]
                for base in self._bases_of_packages(above, name)
            ]
            for file in self._near(above):
                own = os.path.relpath(file, above).partition(os.sep)[0]
                data = self._files.read(file)
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
                    homes = {name for name, base in packaged if self._resolves_in(base, dotted, names)}
                    # Of several, any may be meant, and most likely each by its own project.
                    if len(homes) == 1 and not self._resolves_below(file, above, dotted, names):
                        found |= {own, *homes}
                if extends_path(data):
                    found |= {own, *(name for name in inside if name.encode() in data)}
            self._links[above] = frozenset(found)
        return self._links[above]

    def _bases_of_packages(self, folder: str, name: str) -> Iterator[str]:
        """The folders in which the packages of a distribution lie that is a folder in a folder: its `src`, or itself if
        it is built by itself or holds nothing but folders, as `lib` in `PYTHONPATH=lib`."""
        path = os.path.join(folder, name)
        if name not in SKIPPED and os.path.isdir(path):
            inside = self._folders.names(path)
            if "src" in inside:
                yield os.path.join(path, "src")
            own = [each for each in inside if each.endswith(".py") or each.startswith(_ROOT_HINTS)]
            if not own or any(each.startswith(_BUILDS) for each in own):
                yield path

    def _is_module_above(self, file: str, above: str, name: str) -> bool:
        """Whether a file imports a module that lies in a folder above its own, and in none between."""
        folder = os.path.dirname(file)
        while folder != above:
            if name in self._folders.names(folder) or name + ".py" in self._folders.names(folder):
                return False
            folder = os.path.dirname(folder)
        return os.path.dirname(file) != above and name + ".py" in self._folders.names(above)

    def _resolves_below(self, file: str, above: str, dotted: str, names: tuple[str, ...]) -> bool:
        """Whether an import of a file resolves in its own folder or in one between that and `above`."""
        folder = os.path.dirname(file)
        while folder != above:
            if any(self._resolves_in(base, dotted, names) for base in (folder, os.path.join(folder, "src"))):
                return True
            folder = os.path.dirname(folder)
        return False

    def _near(self, folder: str) -> list[str]:
        """The Python files in a folder and below it, nearest first, up to a limit."""
        waiting = deque([folder])
        found: list[str] = []
        for _ in range(SIBLINGS):
            if not waiting or len(found) > SIBLINGS:
                break
            place = waiting.popleft()
            for name in sorted(self._folders.names(place)):
                if name.endswith(".py"):
                    found.append(os.path.join(place, name))
                elif name.isidentifier() and name not in SKIPPED:
                    waiting.append(os.path.join(place, name))
        return found[:SIBLINGS]

    def _resolves_in(self, base: str, dotted: str, names: tuple[str, ...]) -> bool:
        """Whether an import resolves to something in a folder of `base`."""
        parts = dotted.split(".")
        if parts[0] not in self._folders.names(base):
            return False
        meant = [parts, *([*parts, name] for name in names)]
        return any(len(each) > 1 and self._folders.module_at(base, each) is not None for each in meant)
