"""From a concrete tree to an `ast` tree."""

from __future__ import annotations

import ast

import libcst as cst

from looplint.syntax.lowering.statements import Statements


def lower(module: cst.Module, text: str) -> ast.Module:
    """The `ast` tree of a concrete tree. `text`: what was parsed, with `\\n` newlines.

    Raises SyntaxError for what libcst accepts and Python does not (a literal such as `"\\x"`), and RecursionError.
    """
    return Statements(text).module(module)
