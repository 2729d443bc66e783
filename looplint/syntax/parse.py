"""Parsing without a trace: no warnings about the linted code, and one name for all that parsing may raise."""

from __future__ import annotations

import ast
import warnings

# What `ast.parse` raises on text that is not Python, or is nested beyond its means.
NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(text: str) -> ast.Module:
    """`ast.parse` without warnings. Raises one of NOT_PARSED."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def parses(text: str) -> bool:
    """Whether the text is Python."""
    try:
        parse(text)
    except NOT_PARSED:
        return False
    return True
