"""The folders of a program: what they contain, and which of their files a dotted name means."""

from __future__ import annotations

import os


class Folders:
    """The names in each folder, each listed once, and those that the cells of a notebook write there."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def __contains__(self, folder: str) -> bool:
        """Whether it was listed before."""
        return folder in self._names

    def names(self, folder: str) -> frozenset[str]:
        """The names of the files and folders in a folder; none if it cannot be read."""
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(os.listdir(folder or "."))
            except OSError:
                self._names[folder] = frozenset()
        return self._names[folder]

    def add(self, folder: str, name: str) -> None:
        """A folder also contains that name."""
        self._names[folder] = self.names(folder) | {name}

    def drop(self, path: str) -> None:
        """Drop a folder and those below it, so that they are listed again when needed."""
        inside = path + os.sep
        for folder in [f for f in self._names if f == path or f.startswith(inside)]:
            del self._names[folder]

    def module_at(self, base: str, parts: list[str]) -> str | None:
        """The path of the module or package with that dotted name, in parts, below `base`; None if there is none."""
        folder = os.path.join(base, *parts[:-1]) if parts else base
        if parts and parts[-1] + ".py" in self.names(folder):
            return os.path.join(folder, parts[-1] + ".py")
        if parts and parts[-1] not in self.names(folder):
            return None
        package = os.path.join(folder, parts[-1]) if parts else folder
        if "__init__.py" in self.names(package):
            return os.path.join(package, "__init__.py")
        return None
