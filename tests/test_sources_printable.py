"""Text of files as a terminal may show it: control characters as escapes, everything else as it is."""

from __future__ import annotations

import pytest

from looplint.sources.printable import columns, printable, visible

SHOWN = {
    "a": "a",
    "é": "é",
    "語": "語",
    "\n": "\\n",
    "\x1b": "\\x1b",
    "\x9b": "\\x9b",
    "\u202e": "\\u202e",
    "\udcff": "\\xff",
    "\U0001ffff": "\\U0001ffff",
}


@pytest.mark.parametrize(("char", "shown"), SHOWN.items(), ids=[ascii(char) for char in SHOWN])
def test_a_character_as_it_is_or_as_an_escape(char: str, shown: str) -> None:
    assert (visible(char), printable(f"<{char}>")) == (shown, f"<{shown}>")


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("語", 2), ("e\u0301", 1), ("", 0)])
def test_columns_on_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width
