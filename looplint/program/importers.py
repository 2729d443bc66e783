"""Call sites of a function in other files of the project.

A function that nothing in its own file calls may be called from elsewhere in the project, notebooks included. Import
statements are searched as bytes, each file once, and only files that name both the function and its module are parsed.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
from collections.abc import Iterable, Iterator

from looplint.profile import timed
from looplint.sources import Contents, bytes_of

SKIPPED = frozenset(
    (".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "site-packages", ".tox")
)

FILES = 4000
"""Files of a project that are searched; callers in further files are missed."""

Import = tuple[int, str, tuple[str, ...]]
"""Dots, dotted name, imported names (none for `import m`)."""

_WORD = re.compile(rb"[A-Za-z_]\w*")
_DOTTED = re.compile(rb"[A-Za-z_][\w.]*")


def modules_meant(imported: Import) -> Iterator[str]:
    """The dotted names of modules that an import may mean: the one it names, and imported names that are modules."""
    _, dotted, names = imported
    yield dotted
    yield from (f"{dotted}.{name}" if dotted else name for name in names)


class ProjectFiles:
    """The Python files and notebooks of projects, and the words in their import statements. `contents`: reads a
    file."""

    def __init__(self, contents: Contents = bytes_of) -> None:
        self._contents = contents
        self._paths: dict[str, list[str]] = {}
        self._importers: dict[str, dict[bytes, list[str]]] = {}
        self._imports: dict[str, tuple[Import, ...]] = {}
        self._python = functools.lru_cache(maxsize=64)(contents)
        self._named: dict[str, dict[str, list[str]]] = {}

    def read(self, path: str) -> bytes:
        """The contents of a file. Python files are kept for a while, notebooks, which may be large, are not."""
        return self._contents(path) if path.endswith(".ipynb") else self._python(path)

    def under(self, root: str) -> list[str]:
        """The Python files and notebooks below a folder, at most `FILES`."""
        if root not in self._paths:
            self._paths[root] = list(itertools.islice(python_files(root), FILES))
        return self._paths[root]

    def named(self, root: str, name: str) -> list[str]:
        """The files below a folder that contain the module or package of this name."""
        if root not in self._named:
            index: dict[str, list[str]] = {}
            self._named[root] = index
            for path in self.under(root):
                stem = os.path.basename(path).removesuffix(".py")
                stem = os.path.basename(os.path.dirname(path)) if stem == "__init__" else stem
                index.setdefault(stem, []).append(path)
        return self._named[root].get(name, [])

    def imports(self, path: str) -> tuple[Import, ...]:
        """The imports of a file that `importing` returned."""
        return self._imports.get(path, ())

    def importing(self, root: str, names: Iterable[bytes]) -> list[str]:
        """The files below a folder that have one of these words in an import statement, notebooks last. A relative
        import also counts as the name of the folder that it starts from."""
        if root not in self._importers:
            with timed("imports of all files"):
                self._importers[root] = self._index(root)
        index = self._importers[root]
        return sorted({path for name in names for path in index.get(name, ())}, key=_in_order)

    def _index(self, root: str) -> dict[bytes, list[str]]:
        """The files below a folder by the words of their import statements."""
        index: dict[bytes, list[str]] = {}
        for path in self.under(root):
            self._imports[path] = found = tuple(imports_in(self._code(path)))
            for word in {word for each in found for word in _words(each, path)}:
                index.setdefault(word, []).append(path)
        return index

    def _code(self, path: str) -> bytes:
        """The contents of a file; of a notebook, its JSON with its strings as rows of code: no output looks like an
        import."""
        data = self._contents(path)
        return data.replace(b"\\n", b"\n").replace(b'"', b" ") if path.endswith(".ipynb") else data

    def drop(self, path: str) -> None:
        """Forget one file, so that it is read again when needed."""
        self._python.cache_clear()
        before = self._imports.get(path)
        if before is None:
            return
        self._imports[path] = after = tuple(imports_in(self._code(path)))
        if before == after:
            return
        for root, index in self._importers.items():
            if path.startswith(root.rstrip(os.sep) + os.sep):
                for word in {word for each in before for word in _words(each, path)}:
                    index[word].remove(path)
                for word in {word for each in after for word in _words(each, path)}:
                    index.setdefault(word, []).append(path)


def python_files(root: str) -> Iterator[str]:
    """The Python files and notebooks below a folder, in search order, without environments, builds and, unless the
    folder is itself a repository, other repositories in it."""
    inside_repository = os.path.exists(os.path.join(root, ".git"))
    for folder, folders, files in os.walk(root):
        if not inside_repository and folder != root and ".git" in (*folders, *files):
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if f not in SKIPPED and not f.startswith("."))
        for name in sorted(files):
            if name.endswith((".py", ".ipynb")):
                yield os.path.join(folder, name)


def _in_order(path: str) -> tuple[bool, list[str], str]:
    """Folder by folder, notebooks last."""
    folder, name = os.path.split(path)
    return name.endswith(".ipynb"), folder.split(os.sep), name


def imports_in(data: bytes) -> Iterator[Import]:
    """What looks like an import statement in a file: dots, dotted name, and the imported names."""
    if b"import" not in data:
        return
    parts = data.split(b"import")
    for before, after in itertools.pairwise(parts):
        home = before[before.rfind(b"\n") + 1 :].strip()
        home = home[home.rfind(b"from") :] if b"from" in home else home
        # Names in parentheses, or on a line and its continuations.
        names = (
            after.partition(b")")[0] if after.lstrip()[:1] == b"(" else after.replace(b"\\\n", b" ").partition(b"\n")[0]
        )
        if home.startswith(b"from"):
            dotted = home[4:].strip()
            level = len(dotted) - len(dotted.lstrip(b"."))
            yield level, _text(dotted[level:]), tuple(map(_text, _WORD.findall(names)))
        elif not home or home.endswith((b":", b";")):
            for name in _DOTTED.findall(names):
                yield 0, _text(name), ()


def _text(name: bytes) -> str:
    return name.strip().decode("utf-8", "replace")


def _words(imported: Import, path: str) -> Iterator[bytes]:
    """All words of an import; for a relative one also the name of the folder that it starts from."""
    level, dotted, names = imported
    for word in (*dotted.split("."), *names):
        yield word.encode()
    if level:
        folder = os.path.dirname(path)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        yield os.fsencode(os.path.basename(folder))
