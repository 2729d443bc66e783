"""Replaces the bytes of a user's file atomically."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from pathlib import Path

_SUFFIX = ".looplint"
_UNFINISHED = re.compile(rf"\..+\.(?:(\d+)-)?[a-z0-9_]{{8}}{re.escape(_SUFFIX)}")


class NotWritten(Exception):
    """A file was left unchanged. The message is one sentence with the reason and the remedy."""


def replace_file(path: Path, old: bytes, new: bytes, *, root: Path | None = None) -> None:
    """Replace a file with the content `old` by `new`: a concurrent reader gets one or the other, whole.

    Permissions and, where possible, the owner and extended attributes are kept. A symbolic link stays one; its target
    is written if it is below `root` (default: the link's folder). A hard link does not: the other name of the file may
    be anywhere, and keeps `old`. Raises NotWritten if the file changed meanwhile, is elsewhere, or cannot be written.
    """
    shown = str(path)
    try:
        target = path.resolve(strict=True)
        if not target.is_relative_to((root or path.parent).resolve()):
            raise NotWritten(f"{shown} is a symbolic link out of the folder that is linted: fix the file it points to")
        status = target.stat()
        if not os.access(target, os.W_OK):
            raise NotWritten(f"{shown} is write-protected: make it writable to have it fixed")
        prefix = f".{target.name[:100]}.{os.getpid()}-"
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=_SUFFIX, dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(new)
                file.flush()
                os.fsync(file.fileno())
            if hasattr(os, "chown"):
                # Only root may keep another owner, and root in a container often works on someone's files.
                with contextlib.suppress(OSError):
                    os.chown(temporary, status.st_uid, status.st_gid)
            _keep_attributes(target, temporary)
            temporary.chmod(stat.S_IMODE(status.st_mode))
            if target.read_bytes() != old:
                raise NotWritten(f"{shown} was changed by someone else meanwhile and is left as it is: run again")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotWritten(f"{shown} cannot be written ({reason}): check it and its folder's permissions") from None


def remove_unfinished(folder: str) -> None:
    """Remove the temporary files of killed runs from a folder."""
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return
    for name in names:
        found = _UNFINISHED.fullmatch(name) if name.endswith(_SUFFIX) else None
        path = os.path.join(folder, name)
        if found and os.path.isfile(path) and not os.path.islink(path) and not _runs(found[1]):
            with contextlib.suppress(OSError):
                os.unlink(path)


def _runs(process: str | None) -> bool:
    """Whether a process with this number is running: it may be replacing a file now."""
    if process is None:
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _keep_attributes(old: Path, new: Path) -> None:
    """Copy access control lists, security labels and the like, as far as the system has and permits them."""
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(old):
                with contextlib.suppress(OSError):
                    os.setxattr(new, name, os.getxattr(old, name))
