"""Text that is safe to show: nothing in it can move a cursor, recolour, reorder or end a line, or break XML."""

from __future__ import annotations

import unicodedata

# Bidirectional controls make code read differently from how it runs (CVE-2021-42574).
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Unicode categories of characters that are written as escapes."""

_NO_COLUMNS = frozenset(("Mn", "Me", "Cf"))
"""Unicode categories of characters that take no column of their own."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    r"""The text with control characters, bidirectional controls, line separators, non-characters and undecodable
    bytes (surrogates) written as escapes: `\x1b`, `\u202e`, `\n`."""
    return text if text.isprintable() else "".join(map(visible, text))


def visible(char: str) -> str:
    """One character as `printable` shows it."""
    if char.isprintable():
        return char
    category = unicodedata.category(char)
    code = ord(char)
    if category not in _INVISIBLE and char not in _REORDERING and code & 0xFFFE != 0xFFFE:
        return char
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return _NAMED.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def columns(text: str) -> int:
    """Columns of the (printable) text on a terminal: East Asian wide characters two, combining ones none (Unicode
    Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in _NO_COLUMNS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
