"""The code of a file, as bytes: what comments and docstrings say is nobody's mistake."""

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
"""Stands for a comment for a moment; Python code has no such character."""


def code(data: bytes) -> bytes:
    """A Python file without its comments, and with nothing in its longer strings, row by row."""
    left = _TEXT.sub(_left, data)
    # What stands before a comment ends its row, as it does without one.
    for space in (b"  ", b" ", b""):
        left = left.replace(space + _COMMENT, b"")
    return left


def _left(text: re.Match[bytes]) -> bytes:
    """What is left of a string or a comment; short strings say which loader or optimizer of several is meant."""
    found = text[0]
    if found.startswith(b"#"):
        return _COMMENT
    return b'""' + b"\n" * found.count(b"\n") if found.startswith((b'"""', b"'''")) else found
