"""Which file an import statement means, without reading that file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable

from looplint.program.folders import Folders
from looplint.program.importers import ProjectFiles

EXTERNAL = frozenset(("torch", "numpy", "torchvision", "transformers", "accelerate", "lightning", "pytorch_lightning"))
"""Packages that are never inlined, even if they lie beside the project."""

SIBLINGS = 200
"""Entries of a folder that are examined for how they change Python's search path or join its folders into one
project."""

_EXTENDS = re.compile(rb"\bsys\.path(?:\.|\[|\s*\+?=)")


def extends_path(code: bytes) -> bool:
    """Whether code changes Python's module search path."""
    return _EXTENDS.search(code) is not None


class ImportPaths:
    """The files that imports resolve to, each searched for once. `folders`: their contents. `files`: those of the
    projects. `root`: the root folder of a folder's project."""

    def __init__(self, folders: Folders, files: ProjectFiles, root: Callable[[str], str]) -> None:
        self._folders = folders
        self._files = files
        self._root = root
        self._found: dict[tuple[str, str, int], str | None] = {}
        self._extending: dict[str, bool] = {}

    def drop(self) -> None:
        """Search again: files were added or removed."""
        self._found.clear()

    def drop_search_paths(self) -> None:
        """Read again which folders extend Python's search path: a file has changed."""
        self._extending.clear()

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
            return self._folders.module_at(folder, parts)
        start, root = folder, self._root(folder)
        while parts:
            for base in (folder, os.path.join(folder, "src")):
                if parts[0] in self._folders.names(base) or parts[0] + ".py" in self._folders.names(base):
                    if path := self._folders.module_at(base, parts):
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
        found = [path for path in self._files.named(root, parts[-1]) if path.endswith(ends)]
        near = [len(os.path.commonpath((folder, path))) for path in found]
        nearest = [path for path, common in zip(found, near, strict=True) if common == max(near)]
        return nearest[0] if len(nearest) == 1 else None

    def _extends_path(self, folder: str) -> bool:
        """Whether a file in a folder changes Python's module search path."""
        if folder not in self._extending:
            files = [os.path.join(folder, name) for name in sorted(self._folders.names(folder)) if name.endswith(".py")]
            self._extending[folder] = any(extends_path(self._files.read(file)) for file in files[:SIBLINGS])
        return self._extending[folder]
