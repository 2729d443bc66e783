"""The code of a file as bytes, without comments and docstrings, in which no mistake can be."""

from __future__ import annotations

import re

_TEXT = re.compile(
    rb'"""(?:[^"\\]++|\\.|"(?!""))*+"""|'
    rb"'''(?:[^'\\]++|\\.|'(?!''))*+'''|"
    rb'"(?:[^"\\\n]++|\\.)*+"|'
    rb"'(?:[^'\\\n]++|\\.)*+'|"
    rb"#[^\n]*+",
    re.DOTALL,
)

_COMMENT = b"\0"
"""Temporary mark of a comment; Python code cannot contain this character."""


def code(data: bytes) -> bytes:
    """A Python file without its comments, and with its longer strings emptied, row by row."""
    left = _TEXT.sub(_left, data)
    # The text before a comment ends its row, as without one.
    for space in (b"  ", b" ", b""):
        left = left.replace(space + _COMMENT, b"")
    return left


def _left(text: re.Match[bytes]) -> bytes:
    """The rest of a string or a comment; short strings tell several loaders or optimizers apart."""
    found = text[0]
    if found.startswith(b"#"):
        return _COMMENT
    return b'""' + b"\n" * found.count(b"\n") if found.startswith((b'"""', b"'''")) else found
