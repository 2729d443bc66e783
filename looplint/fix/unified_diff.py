"""The changes of fixes as a unified diff for `patch` and `git apply`; one per cell of a notebook."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator

from looplint.sources import kind_of
from looplint.sources.decode import decode_as, encoding
from looplint.sources.notebook import code_cells
from looplint.sources.printable import printable, visible

_COLORS = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}


def diff(path: str, old: bytes, new: bytes, *, color: bool = False, terminal: bool = False) -> str:
    """The unified diff between two contents of the file `path`; empty if they are equal.

    `color`: with ANSI colours. `terminal`: text is decoded, and control characters are shown as escapes. Without it the
    rows are the bytes of the file, for `patch`: written as UTF-8 with `surrogateescape`. Raises Unreadable.
    """
    if old == new:
        return ""
    before, after = _parts(path, old, terminal), _parts(path, new, terminal)
    shown = printable if terminal or kind_of(path) == "notebook" else _quoted
    lines = [line for name, rows in before.items() for line in _unified(shown(name), rows, after.get(name, []))]
    return "".join(_painted(_safe(line) if terminal else line, color) + "\n" for line in lines)


def _parts(path: str, raw: bytes, terminal: bool) -> dict[str, list[str]]:
    kind = kind_of(path)
    if kind == "notebook":
        blocks, _ = code_cells(decode_as("utf-8-sig", raw, path), path)
        return {
            f"{path}:cell {block.cell + 1}": _rows(
                "".join(row.prefix + row.original + row.newline for row in block.rows)
            )
            for block in blocks
            if block.cell is not None
        }
    if not terminal:
        return {path: _rows(raw.decode("utf-8", "surrogateescape"))}
    return {path: _rows(decode_as(encoding(raw, path) if kind == "python" else "utf-8-sig", raw, path))}


def _rows(text: str) -> list[str]:
    # For `patch` a lone carriage return does not end a line.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _unified(name: str, before: list[str], after: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(before, after, name, name):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _quoted(name: str) -> str:
    """A file name quoted as git does in a diff, which `patch` reads, too."""
    if name.isprintable() and not name.startswith('"'):
        return name + "\t" * (" " in name)
    escaped = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}" for byte in os.fsencode(name))
    return f'"{"".join(escaped)}"'


def _safe(line: str) -> str:
    return "".join(char if char == "\t" else visible(char) for char in line.removesuffix("\r"))


def _painted(line: str, color: bool) -> str:
    code = next((code for mark, code in _COLORS.items() if line.startswith(mark)), None)
    return f"\x1b[{code}m{line}\x1b[0m" if color and code else line
