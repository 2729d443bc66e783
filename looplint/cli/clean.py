"""`looplint clean`: remove the caches, only files that looplint wrote, and temporary files of killed runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

import click

from looplint.cli.failure import Failure
from looplint.cli.terminal import shown
from looplint.project.config import Configuration
from looplint.project.settings import ConfigError
from looplint.run.cache_folder import MARKS, NAME, OWN
from looplint.sources.replace_file import remove_unfinished

_FOLDER = re.compile(rf"{OWN}[0-9a-f]{{16}}")
# Including temporary files of killed runs.
_UNFINISHED = r"(?:\.[0-9a-f]{16})?"
_FILE = re.compile(rf"[0-9a-f]{{16}}\.json{_UNFINISHED}")
_MARK = re.compile(rf"({'|'.join(map(re.escape, MARKS))}){_UNFINISHED}")


def run(folders: Sequence[str]) -> int:
    """Remove the caches in and below the folders, those named in their configuration, and temporary files. Raises
    Failure."""
    configuration = Configuration()
    for name in folders:
        try:
            configured = configuration.for_folder(name).cache_dir
        except ConfigError as error:
            raise Failure(str(error)) from None
        for cache in (*_below(name), *([configured] if configured else [])):
            if os.path.isdir(cache) and not os.path.islink(cache):
                try:
                    _remove(cache)
                except OSError as error:
                    raise Failure(f"{error.filename or cache}: cannot be removed: {error.strerror}") from None
    return 0


def _remove(cache: str) -> None:
    """Remove looplint's files in a folder, and the folder if nothing else is in it."""
    found = False
    for entry in _listed(cache):
        if _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
            found = True
            for file in _listed(entry.path):
                if _FILE.fullmatch(file.name) and file.is_file(follow_symlinks=False):
                    os.unlink(file.path)
            if not _listed(entry.path):
                os.rmdir(entry.path)
    left = _listed(cache)
    if all(_is_mark(entry) for entry in left) and (found or left or os.path.basename(cache) == NAME):
        for entry in left:
            os.unlink(entry.path)
        os.rmdir(cache)
        click.echo(f"Removed {shown(cache)}")
    elif found:
        click.echo(f"Emptied {shown(cache)}: its other files are not looplint's")


def _listed(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_mark(entry: os.DirEntry[str]) -> bool:
    name = _MARK.fullmatch(entry.name)
    if name is None or not entry.is_file(follow_symlinks=False):
        return False
    with open(entry.path, "rb") as file:
        text = file.read(1000)
    # An incomplete one may be cut off anywhere.
    whole = MARKS[name[1]].encode()
    return text == whole or (entry.name != name[1] and whole.startswith(text))


def _below(folder: str) -> Iterator[str]:
    """The caches below a folder; temporary files of replaced files are removed on the way."""
    for place, inside, _ in os.walk(folder):
        remove_unfinished(place)
        if NAME in inside:
            yield os.path.normpath(os.path.join(place, NAME))
        inside[:] = [name for name in inside if name not in (NAME, ".git", "node_modules")]
