"""Who calls a function from another file of the project.

A function that nothing in its own file calls may be called from elsewhere in the project. Files are searched as
bytes, and only those that name both the function and its module are parsed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

_SKIPPED = frozenset((".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "site-packages", ".tox"))

FILES = 4000
"""Files of one project that are searched; in a larger project callers in further files are not seen."""


class ProjectFiles:
    """The Python files of projects, with their bytes, read once."""

    def __init__(self) -> None:
        self._paths: dict[str, list[str]] = {}
        self._bytes: dict[str, bytes] = {}

    def under(self, root: str) -> list[str]:
        """The Python files below a folder, at most `FILES`."""
        if root not in self._paths:
            self._paths[root] = list(_python_files(root))[:FILES]
        return self._paths[root]

    def read(self, path: str) -> bytes:
        """The bytes of a file; empty if it cannot be read."""
        if path not in self._bytes:
            try:
                with open(path, "rb") as file:
                    self._bytes[path] = file.read()
            except OSError:
                self._bytes[path] = b""
        return self._bytes[path]


def _python_files(root: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
        for name in sorted(files):
            if name.endswith(".py"):
                yield os.path.join(folder, name)
