"""The INPUTs of a run: folders that are repositories, archives of them, files of rows.

A folder is a repository if it has a `.git`, a project file or code directly in it; else each folder in it is one, or an
owner of repositories, if it contains nothing but folders that look like the top of a repository (`.git`, a project
file, README). A file of rows has one source file per row. Archives and files of rows may be among the folders.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from looplint.project.settings import WrongUse

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
PARQUET = (".parquet",)
JSON_LINES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson", ".json.gz")

_PROJECT = frozenset({".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"})
_CODE = (".py", ".pyw", ".ipynb")


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """A folder or an archive. `name`: the repository; of an archive of several, the prefix of their names. `size`:
    bytes, to start with the largest."""

    kind: str
    name: str
    path: str
    size: int

    @property
    def source(self) -> str:
        """The identity of the unit when a run is resumed."""
        return f"{self.kind}:{self.path}"


@dataclasses.dataclass(slots=True)
class Inputs:
    """Everything to lint. `passed_over`: files in folders of repositories that are neither archives nor rows."""

    items: list[Item] = dataclasses.field(default_factory=list)
    parquet: list[str] = dataclasses.field(default_factory=list)
    json_lines: list[str] = dataclasses.field(default_factory=list)
    passed_over: list[str] = dataclasses.field(default_factory=list)


def find(paths: Sequence[str]) -> Inputs:
    """The inputs behind paths and URIs (`s3://...`, with `*` and `?`). Raises WrongUse for one that is none of
    these."""
    found = Inputs()
    for path in paths:
        if "://" in path:
            _remote(path, found)
        elif os.path.isdir(path):
            _folder(path, found)
        elif os.path.exists(path):
            if not _file(os.path.abspath(path), _stem(os.path.basename(path)), os.path.getsize(path), found):
                raise WrongUse(
                    f"{path}: is neither a folder nor an archive ({', '.join(ARCHIVES)}) nor rows "
                    f"({', '.join(PARQUET + JSON_LINES)}): name one of these"
                )
        else:
            raise WrongUse(f"{path}: there is no such file or folder: check the spelling")
    found.items = _distinct(found.items)
    found.parquet, found.json_lines = sorted(set(found.parquet)), sorted(set(found.json_lines))
    return found


def repositories(folder: str) -> list[tuple[str, str]]:
    """The repositories in a folder that is not one itself: name and path of each, in order."""
    found = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            below = sorted(os.listdir(path))
            inside = [os.path.join(path, each) for each in below]
            if below and not is_repository(path) and all(map(_is_top, inside)):
                found += [(f"{name}/{each}", os.path.join(path, each)) for each in below]
            else:
                found.append((name, path))
    return found


def is_repository(folder: str) -> bool:
    """Whether a folder is a repository, rather than a folder of repositories."""
    names = os.listdir(folder)
    return not _PROJECT.isdisjoint(names) or any(name.endswith(_CODE) for name in names)


def _is_top(path: str) -> bool:
    """Whether a folder looks like the top of a repository."""
    names = os.listdir(path) if os.path.isdir(path) else []
    return not _PROJECT.isdisjoint(names) or any(name.lower().startswith(("readme", "license")) for name in names)


def filesystem(path: str) -> tuple[FileSystem, str]:
    """The file system of a path or URI, and its path there."""
    from pyarrow.fs import FileSystem, LocalFileSystem

    return FileSystem.from_uri(path) if "://" in path else (LocalFileSystem(), path)


def reason(error: BaseException) -> str:
    """An error in one row."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _folder(path: str, found: Inputs) -> None:
    absolute = os.path.abspath(path)
    try:
        if is_repository(absolute):
            found.items.append(Item("folder", os.path.basename(absolute), absolute, _size(absolute)))
            return
        found.items += [Item("folder", name, place, _size(place)) for name, place in repositories(absolute)]
        for name in sorted(os.listdir(absolute)):
            place = os.path.join(absolute, name)
            if os.path.isfile(place) and not _file(place, _stem(name), os.path.getsize(place), found):
                found.passed_over.append(place)
    except OSError as error:
        raise WrongUse(
            f"{error.filename or path}: cannot be listed ({error.strerror}): check its permissions"
        ) from None


def _file(path: str, name: str, size: int, found: Inputs) -> bool:
    lower = path.lower()
    if lower.endswith(ARCHIVES):
        found.items.append(Item("archive", name, path, size))
    elif lower.endswith(PARQUET):
        found.parquet.append(path)
    elif lower.endswith(JSON_LINES):
        found.json_lines.append(path)
    else:
        return False
    return True


def _remote(uri: str, found: Inputs) -> None:
    from pyarrow import ArrowException
    from pyarrow.fs import FileSelector, FileType

    scheme = uri[: uri.index("://")]
    try:
        pattern = uri
        base = uri if not _is_glob(uri) else uri[: min(uri.find(c) % len(uri) for c in "*?" if c in uri)]
        base = base if base == uri else base[: base.rindex("/")]
        system, place = filesystem(base)
        info = system.get_file_info(place)
        if info.type == FileType.File:
            entries = [info]
        else:
            entries = [e for e in system.get_file_info(FileSelector(place, recursive=True)) if e.type == FileType.File]
    except (ArrowException, OSError, ValueError) as error:
        raise WrongUse(f"{uri}: cannot be listed ({reason(error)}): check it, and your access") from None
    known = 0
    for entry in sorted(entries, key=lambda entry: entry.path):
        here = (
            f"{scheme}://{entry.path}" if not _is_glob(pattern) or fnmatch.fnmatch(entry.path, _path(pattern)) else ""
        )
        if here and _file(here, _stem(entry.base_name), entry.size or 0, found):
            known += 1
    if not known:
        raise WrongUse(f"{uri}: there is no archive and no file of rows: check the spelling")


def _is_glob(uri: str) -> bool:
    return "*" in uri or "?" in uri


def _path(uri: str) -> str:
    return uri[uri.index("://") + 3 :]


def _stem(name: str) -> str:
    lower = name.lower()
    return next((name[: -len(suffix)] for suffix in sorted(ARCHIVES, key=len)[::-1] if lower.endswith(suffix)), name)


def _size(folder: str) -> int:
    """Approximate bytes of code in a folder, for comparison."""
    total = 0
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.endswith(_CODE):
                try:
                    total += os.lstat(os.path.join(here, name)).st_size
                except OSError:
                    continue
    return total


def _distinct(items: Iterable[Item]) -> list[Item]:
    """Each place once; duplicate names are replaced by whole paths. The largest first."""
    places = {item.source: item for item in items}
    named = Counter(item.name for item in places.values())
    renamed = [dataclasses.replace(i, name=i.path) if named[i.name] > 1 else i for i in places.values()]
    return sorted(renamed, key=lambda item: (-item.size, item.name))
