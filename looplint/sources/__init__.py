"""Sources to lint: files, stdin, notebook cells, Markdown blocks; each a text with a mapping back to the user's file.

Nothing here knows torch, and nothing that is read is executed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from looplint.sources.decode import decode, decode_as, normalise
from looplint.sources.discover import DEFAULT_EXCLUDE, DEFAULT_EXTENSIONS, discover
from looplint.sources.magics import without_magics
from looplint.sources.source import Kind, Position, Segment, Source, Unreadable, Unwritable
from looplint.syntax.syntax_errors import syntax_note

__all__ = [
    "DEFAULT_EXCLUDE",
    "DEFAULT_EXTENSIONS",
    "Contents",
    "Position",
    "Segment",
    "Source",
    "Unreadable",
    "Unwritable",
    "bytes_of",
    "discover",
    "from_text",
    "kind_of",
    "read",
    "syntax_note",
]

Contents = Callable[[str], bytes]
"""Reads the bytes of a file, empty if it cannot be read: `bytes_of`, or an editor's buffers."""

_KINDS: dict[str, Kind] = {
    ".ipynb": "notebook",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".qmd": "markdown",
    ".rmd": "markdown",
    ".rst": "markdown",
}


def kind_of(path: str) -> Kind:
    """The kind of a file by its suffix; an unknown one is Python."""
    return _KINDS.get(Path(path).suffix.lower(), "python")


def read(path: Path, shown: str | None = None) -> list[Source]:
    """The programs of one file: its Python text, its notebook's cells as one, its Markdown blocks as one.

    `shown`: the path to show to the user. Raises Unreadable with a sentence that names the remedy. Python with syntax
    errors is returned as it is: parsing finds them (`looplint.sources.readable`).
    """
    shown = str(path) if shown is None else shown
    return from_text(read_bytes(path, shown), shown)


def read_bytes(path: Path, shown: str) -> bytes:
    """The bytes of a file. Raises Unreadable."""
    try:
        # Opening a pipe blocks until somebody writes into it, and some devices never end.
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            raise Unreadable(
                shown, "is a pipe, a device or a socket, not a file: pass its text on stdin, as `-`, or exclude it"
            )
        return path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            reason = "is a symbolic link to nothing: correct or remove it"
        else:
            reason = "there is no such file or folder: check the spelling"
    except IsADirectoryError:
        reason = "is a folder that cannot be listed: check its permissions"
    except PermissionError:
        reason = "is not readable for you: check its permissions"
    except (OSError, ValueError) as error:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or error}): correct or exclude it"
    raise Unreadable(shown, reason)


def bytes_of(path: str) -> bytes:
    """The bytes of a file; empty if it cannot be read, or is a pipe, which would block, or a device."""
    try:
        if os.path.isfile(path):
            with open(path, "rb", buffering=0) as file:
                return file.read()
    except OSError:
        pass
    return b""


def digest(data: bytes) -> str:
    """A short hash of the bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def from_text(text: str | bytes, path: str) -> list[Source]:
    """The programs of a text in memory: standard input, an editor's buffer. `path`: its suffix says what it is.

    Bytes are decoded as Python decodes a file (notebooks and Markdown: UTF-8). Raises Unreadable.
    """
    kind = kind_of(path)
    if kind == "python":
        return [Source(path, without_magics(decode(text, path) if isinstance(text, bytes) else normalise(text)))]
    if isinstance(text, bytes):
        text = decode_as("utf-8-sig", text, path)
    text = text.removeprefix("\ufeff")
    # Imported here, since most runs read only Python.
    if kind == "notebook":
        from looplint.sources.notebook import read_notebook

        return [read_notebook(text, path)]
    from looplint.sources.markdown import read_markdown

    return [read_markdown(text, path)]
