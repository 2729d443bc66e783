"""Whatever a file holds, reading it either works or raises Unreadable, and places lie inside the file."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looplint.sources import Unreadable, from_text
from looplint.sources.writeback import editable_segments, write_back

PIECES = [
    "```",
    "```python",
    "~~~",
    "> ",
    "- ",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "    ",
    ">>> ",
    "... ",
    "In [1]: ",
    "x = 1",
]
PIECES += [
    "for a in b:",
    "loss.backward()",
    "%time ",
    "%%bash",
    "!ls",
    "?",
    "\\",
    "'",
    '"""',
    "(",
    ")",
    "é",
    "\u2028",
    "\x0c",
]
PIECES += [
    ".. code-block:: python",
    "::",
    "   :name: x",
    "{",
    "}",
    "[",
    '"cells":',
    '"source":',
    ",",
    "\ufeff",
    "\0",
    "`",
]

texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=60)


@given(texts | st.binary(max_size=60), st.sampled_from([".py", ".ipynb", ".md", ".rst", ""]), st.booleans())
def test_any_file(content: str | bytes, suffix: str, in_cell: bool) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    written = [len(row) for row in re.split(r"\r\n|\r|\n", content)] if isinstance(content, str) else []
    if in_cell and suffix == ".ipynb" and isinstance(content, str):
        raw = json.dumps({"cells": [{"cell_type": "code", "source": content}]}).encode()
    try:
        (source,) = from_text(raw, f"a{suffix}")
    except Unreadable as failure:
        assert str(failure).startswith(f"a{suffix}: ") and str(failure).isprintable()
        return
    assert "\r" not in source.text and all(note.isprintable() for note in source.notes)
    for row, text in enumerate(source.text.split("\n"), 1):
        place = source.locate(row, 1)
        if written and text and content[0] != "\ufeff" and "# magic: " not in text:
            assert place.row <= len(written) and place.column - 1 + len(text) <= written[place.row - 1]
    segments = editable_segments(raw, f"a{suffix}")
    assert write_back(raw, f"a{suffix}", dict(segments)) == raw


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        ("x = 1  # " + "a" * 1_000_000, ".py"),
        ("(" * 100_000, "cell"),
        ("-" * 33_333 + "1", "cell"),
        ("'\"(" * 100_000, "cell"),
        ("x " + " " * 333_333 + "!", "cell"),
        ("a? " * 100_000, "cell"),
        ('"""\n' + "\\a" * 166_666, "cell"),
        (">" * 333_333 + "```python\nx", ".md"),
        ("1. " * 100_000 + "```x`", ".md"),
        ("```python\nx(\n" * 3_000, ".md"),
        (" " * 333_333 + "::\n" + " x" * 1000, ".rst"),
    ],
    ids=range(11),
)
def test_a_long_text_is_read_in_one_pass(content: str, suffix: str) -> None:
    """Where reading takes the square of the size, this hangs for hours: pytest's `faulthandler_timeout` ends it."""
    if suffix == "cell":
        content, suffix = json.dumps({"cells": [{"cell_type": "code", "source": content}]}), ".ipynb"
    (source,) = from_text(content, f"a{suffix}")
    assert len(source.text) <= len(content)
