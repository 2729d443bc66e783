"""A cache of findings for files that have not changed.

One JSON file per folder of linted files, in `.looplint_cache` of the project (or `cache-dir`), named by a hash of the
tool, its rules, the settings and the current folder. It is replaced atomically, so that a killed or concurrent run
leaves a complete file. It starts with a checksum of its content: a file that cannot be read, is damaged or not ours is
ignored.

A file is unchanged if its time and size are the same, or else its content. Its findings also depend on the other files
that took part, and on those of the project that might have: if a Python file of the project changed, appeared or
disappeared, files that were analysed together with others are analysed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from looplint.notice import Notice
from looplint.project.config import Configuration
from looplint.project.settings import Settings
from looplint.run.cache_folder import MARKS, NAME, OWN
from looplint.run.result import Result
from looplint.sources import bytes_of, digest
from looplint.sources.atomic_write import write_whole
from looplint.version import VERSION

if TYPE_CHECKING:
    from looplint.run.check_file import Checked

Entry = dict[str, Any]

_SETTLED = 50_000_000
"""Nanoseconds after which another write is certain to change a file's time."""


class Cache:
    """The results of earlier runs and of this one."""

    def __init__(self, configuration: Configuration, alone: bool = False) -> None:
        self._alone = alone
        self._configuration = configuration
        self._started = time.time_ns()
        self._shards: dict[str, dict[str, Entry]] = {}
        self._changed: set[str] = set()
        self._of_settings: dict[int, tuple[Settings, str | None]] = {}
        self._folders: dict[str, str | None] = {}
        self._trees: dict[str, str] = {}
        self._tool = _tool()

    def get(self, path: str) -> Result | None:
        """The cached result of a file, None if it has to be checked."""
        place = self._place(path)
        entry = None if place is None else self._shard(place).get(os.path.basename(path))
        if place is None or entry is None:
            return None
        try:
            return self._known(path, place, entry)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            return None

    def _known(self, path: str, place: str, entry: Entry) -> Result | None:
        stamp = _stamp(path)
        if stamp is None:
            return None
        if stamp != entry["stamp"]:
            if _digest(path) != entry["digest"]:
                return None
            entry["stamp"] = stamp
            self._changed.add(place)
        if entry.get("root") and self._tree(entry["root"]) != entry["tree"]:
            return None
        if any(_digest(part) != known for part, known in entry.get("outside", ())):
            return None
        if "result" not in entry:
            return Result(files=1)
        from looplint.finding import Finding

        known = entry["result"]
        findings = [Finding.from_json(each) for each in known["findings"]]
        notes = [Notice.from_json(each) for each in known["notes"]]
        followed = {(file, row, column) for file, row, column in known["loops"]}
        return Result(findings, notes, known["errors"], followed, 1)

    def put(self, path: str, checked: Checked) -> None:
        """Cache the result of a file. Internal errors, unreadable files and files that are being written are not
        cached."""
        place = self._place(path)
        stamp = _stamp(path)
        result = checked.result
        if (
            place is None
            or stamp is None
            or not checked.digest
            or result.errors
            or checked.given_up
            or not result.files
        ):
            return
        if stamp[0] > self._started - _SETTLED or _digest(path) != checked.digest:
            return
        entry: Entry = {"stamp": stamp, "digest": checked.digest}
        if checked.root:
            entry |= {"root": checked.root, "tree": self._tree(checked.root)}
            inside = checked.root.rstrip(os.sep) + os.sep
            entry["outside"] = [[part, _digest(part)] for part in checked.parts if not part.startswith(inside)]
        if checked.root or result.findings or result.notes or result.followed:
            findings = [finding.to_json() for finding in result.findings]
            notes = [note.to_json() for note in result.notes]
            entry["result"] = {"findings": findings, "notes": notes, "errors": [], "loops": sorted(result.followed)}
        self._shard(place)[os.path.basename(path)] = entry
        self._changed.add(place)

    def write(self) -> str | None:
        """Write the cache. Returns None, or a sentence that says why that is not possible."""
        note = None
        for place in self._changed:
            try:
                _keep(place, self._shards[place])
            except (OSError, ValueError) as error:
                folder = os.path.dirname(os.path.dirname(place))
                reason = getattr(error, "strerror", None) or error
                note = f"{folder}: results cannot be cached there ({reason}): choose another --cache-dir, or --no-cache"
        return note

    def _place(self, path: str) -> str | None:
        """The cache file for a folder, None if its settings turn the cache off."""
        folder = os.path.dirname(path)
        if folder not in self._folders:
            self._folders[folder] = self._find_place(path, folder)
        return self._folders[folder]

    def _find_place(self, path: str, folder: str) -> str | None:
        settings = self._configuration.for_file(path)
        known = self._of_settings.get(id(settings))
        if known is None:
            home = settings.cache_dir or os.path.join(settings.root or os.getcwd(), NAME)
            # A symbolic link in a checkout may lead anywhere.
            wanted = settings.cache and (settings.cache_dir is not None or not os.path.islink(home))
            named = OWN + _name(f"{self._tool}{self._alone}{os.getcwd()}\0{settings!r}\0{_stamps(settings.rule_packs)}")
            known = self._of_settings[id(settings)] = (settings, os.path.join(home, named) if wanted else None)
        return None if known[1] is None else os.path.join(known[1], _name(folder) + ".json")

    def _shard(self, place: str) -> dict[str, Entry]:
        if place not in self._shards:
            self._shards[place] = _read(place)
        return self._shards[place]

    def _tree(self, root: str) -> str:
        """A hash of the state of a project's Python files."""
        if root not in self._trees:
            from looplint.program.importers import python_files
            from looplint.program.program import Program

            # A project file created above would move the project root.
            self._trees[root] = _name(
                Program().root(root) + repr([(path, _stamp(path)) for path in python_files(root)])
            )
        return self._trees[root]


_HEAD = b'{"checksum": "%s", "entries": '


def _read(place: str) -> dict[str, Entry]:
    """The entries in a cache file, none if it is damaged."""
    try:
        raw = bytes_of(place)
        entries = raw[len(_HEAD % digest(b"").encode()) : -1]
        return dict(json.loads(entries)) if raw == _whole(entries) else {}
    except (ValueError, TypeError, RecursionError):
        return {}


def _keep(place: str, entries: dict[str, Entry]) -> None:
    folder, home = os.path.dirname(place), os.path.dirname(os.path.dirname(place))
    if not os.path.isdir(folder):
        os.makedirs(home, exist_ok=True)
        # A folder with other content is not marked as a cache.
        if os.path.basename(home) == NAME or not os.listdir(home):
            for name, text in MARKS.items():
                mark = os.path.join(home, name)
                if not os.path.lexists(mark):
                    write_whole(mark, text.encode())
        os.makedirs(folder, exist_ok=True)
    write_whole(place, _whole(json.dumps(entries, separators=(",", ":")).encode()))


def _whole(entries: bytes) -> bytes:
    return _HEAD % digest(entries).encode() + entries + b"}"


def _stamp(path: str) -> list[int] | None:
    """Times and size of a file. The change time reveals a modification time that was set by hand, as archives and
    builds do."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size]


def _digest(path: str) -> str:
    return digest(bytes_of(path)) if os.path.isfile(path) else ""


def _name(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _tool() -> str:
    """A text that changes with the tool: its version and, in a checkout, its files."""
    package = os.path.dirname(os.path.dirname(__file__))
    beside = os.path.join(os.path.dirname(package), "rules")
    return VERSION + _stamps((package, beside))


def _stamps(folders: tuple[str, ...]) -> str:
    return repr(sorted(stamp for folder in folders for stamp in _sources(folder)))


def _sources(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(".py"):
            found = entry.stat()
            yield entry.path, found.st_mtime_ns, found.st_size
        elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
            yield from _sources(entry.path)
