"""Atomic writes of looplint's own files."""

from __future__ import annotations

import contextlib
import os


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Create or replace a file atomically: a concurrent reader gets the old or the new content. Raises OSError, and
    then leaves nothing behind."""
    # A name under which nobody can have placed a link; process numbers would not do, since containers that share a
    # folder have the same ones.
    unfinished = f"{os.fspath(path)}.{os.urandom(8).hex()}"
    try:
        with open(unfinished, "xb") as file:
            file.write(data)
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
