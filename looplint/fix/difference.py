"""What fixes change, as a unified diff that `patch` and `git apply` read; one per cell of a notebook."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from looplint.report._printable import printable, visible
from looplint.sources import kind_of
from looplint.sources.decode import decode_as, encoding, split_rows
from looplint.sources.notebook import code_cells

_COLORS = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}


def diff(path: str, old: bytes, new: bytes, *, color: bool = False, terminal: bool = False) -> str:
    """The unified diff from `old` to `new`, two contents of the file `path`; empty when they are equal.

    `color`: with ANSI colours. `terminal`: control characters are shown as escapes; without it the rows are given as
    they are, for `patch`. Raises Unreadable when `old` or `new` is.
    """
    if old == new:
        return ""
    before, after = _parts(path, old), _parts(path, new)
    lines = [line for name, rows in before.items() for line in _unified(name, rows, after.get(name, []))]
    return "".join(_painted(_safe(line) if terminal else line, color) + "\n" for line in lines)


def _parts(path: str, raw: bytes) -> dict[str, list[str]]:
    kind = kind_of(path)
    text = decode_as(encoding(raw, path) if kind == "python" else "utf-8-sig", raw, path)
    if kind != "notebook":
        return {path: _rows(split_rows(text))}
    blocks, _ = code_cells(text, path)
    return {
        f"{path}:cell {block.cell}": _rows([(row.prefix + row.original, row.newline) for row in block.rows])
        for block in blocks
    }


def _rows(rows: list[tuple[str, str]]) -> list[str]:
    return [text + newline for text, newline in rows if text or newline]


def _unified(name: str, before: list[str], after: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(before, after, printable(name), printable(name)):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _safe(line: str) -> str:
    return "".join(char if char == "\t" else visible(char) for char in line.removesuffix("\r"))


def _painted(line: str, color: bool) -> str:
    code = next((code for mark, code in _COLORS.items() if line.startswith(mark)), None)
    return f"\x1b[{code}m{line}\x1b[0m" if color and code else line
