"""Write a file of looplint's own, whole or not at all."""

from __future__ import annotations

import contextlib
import os


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Put a file in the place of another, if there is one: who reads it meanwhile gets one or the other. Raises
    OSError, and then leaves nothing behind."""
    # A name that nobody can have put a link under; containers that share a folder have the same process numbers.
    unfinished = f"{os.fspath(path)}.{os.urandom(8).hex()}"
    try:
        with open(unfinished, "xb") as file:
            file.write(data)
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
