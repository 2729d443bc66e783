"""Colours of a terminal, by meaning."""

from __future__ import annotations

from collections.abc import Callable

# Select Graphic Rendition codes (ECMA-48): the sixteen colours every terminal theme chooses itself.
_CODES = {
    "path": "1",
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "name": "1",
    "gutter": "34",
    "way": "36",
    "help": "1;32",
    "measured": "1;35",
    "more": "1",
    "faint": "2",
}

Paint = Callable[[str, str], str]


def painter(color: bool) -> Paint:
    """A function of (meaning, text) that colours the text, or leaves it as it is."""
    return _paint if color else lambda meaning, text: text


def _paint(meaning: str, text: str) -> str:
    return f"\x1b[{_CODES[meaning]}m{text}\x1b[0m" if text else text
