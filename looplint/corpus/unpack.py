"""Unpacks archives and rows to folders: only names that stay inside, and only files that linting may read."""

from __future__ import annotations

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

from looplint.sources.discover import DEFAULT_EXTENSIONS

SMALL = 65_536
"""Bytes up to which a file is unpacked whatever its name is: it may be a configuration file. Of a larger one that is
not linted only the name is kept, since the project layout matters, too."""

LARGEST = 8 << 30
"""Bytes that one archive may unpack to."""


_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


class Damaged(Exception):
    """An archive that cannot be unpacked; the message says why."""


def unpack(path: str, file: IO[bytes], folder: str) -> list[str]:
    """Unpack an archive into an empty folder. Returns one sentence for each skipped member. Raises Damaged."""
    left_out: list[str] = []
    total = 0
    try:
        for name, size, member in (_zip if path.lower().endswith(".zip") else _tar)(file):
            place = inside(folder, name)
            if place is None:
                left_out.append(f"{name}: points outside the archive; it was skipped")
                continue
            wanted = name.lower().endswith(tuple(each.lower() for each in DEFAULT_EXTENSIONS)) or size <= SMALL
            total += size if wanted else 0
            if total > LARGEST:
                raise Damaged(f"unpacks to more than {LARGEST >> 30} GiB: split it")
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "wb") as copy:
                    if wanted:
                        shutil.copyfileobj(member, copy)
            except (IsADirectoryError, NotADirectoryError, FileExistsError):
                left_out.append(f"{name}: is both a file and a folder; it was left out")
    except (*_DAMAGE, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise Damaged(f"is damaged, or no archive ({error}): fetch it again") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise Damaged(f"is damaged ({error}): fetch it again") from None
    return left_out


def inside(folder: str, name: str) -> str | None:
    """The path of a member in a folder, None if it would be outside."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if (
        not parts
        or ".." in parts
        or name.startswith("/")
        or "\0" in name
        or any(len(os.fsencode(part)) > 255 for part in parts)
    ):
        return None
    return os.path.join(folder, *parts)


def write_files(rows: Iterable[tuple[str, bytes]], folder: str) -> dict[str, str]:
    """Write files into an empty folder. Returns one sentence for each skipped one, by its path."""
    left_out: dict[str, str] = {}
    written: set[str] = set()
    for name, content in rows:
        place = inside(folder, name)
        if place is None:
            left_out[name] = "its path points outside the repository; it was skipped"
        elif place in written:
            left_out[name] = "the repository has this path more than once; one of them was read"
        else:
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "wb") as file:
                    file.write(content)
                written.add(place)
            except (IsADirectoryError, NotADirectoryError, FileExistsError):
                left_out[name] = "the path of another file goes through it; it was left out"
    return left_out


def _tar(file: IO[bytes]) -> Iterator[tuple[str, int, IO[bytes]]]:
    with tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            # A link could point anywhere, and its target is linted under its own name.
            if member.isfile() and (content := archive.extractfile(member)) is not None:
                yield member.name, member.size, content


def _zip(file: IO[bytes]) -> Iterator[tuple[str, int, IO[bytes]]]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            link = (member.external_attr >> 16) & 0o170000 == 0o120000
            if not member.is_dir() and not link:
                with archive.open(member) as content:
                    yield member.filename, member.file_size, content
