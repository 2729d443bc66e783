"""The only parse function: Python text to one kind of tree (`ast`), with one kind of error (SyntaxError).

There are two parsers. The interpreter's own is eleven times as fast, and accepts the running Python's syntax. libcst
accepts the syntax of every version, whatever Python looplint runs on; `looplint.syntax.lowering` converts its tree.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from typing import Literal

from looplint.syntax.newer_syntax import newer_syntax

Parser = Literal["auto", "libcst"]
PARSERS: tuple[Parser, ...] = ("auto", "libcst")
Parse = Callable[[str, Parser | None], ast.Module]

default: Parser = "auto"
"""The parser for `auto` and where none is chosen: the tests run with each."""


def parse(text: str, parser: Parser | None = None) -> ast.Module:
    """The tree of a text. Warnings about the text are suppressed.

    `parser`: `auto` is the interpreter's, and libcst where that rejects syntax newer than the running Python; `libcst`
    is libcst, and the interpreter's where that fails.

    Raises SyntaxError: with a position if there is one, without (`lineno` is None) for a text as a whole.
    """
    if "libcst" in (parser, default):
        try:
            return _by_libcst(text)
        except SyntaxError:
            return _by_interpreter(text)
    try:
        return _by_interpreter(text)
    except SyntaxError as error:
        if error.lineno is None or newer_syntax(text) is None:
            raise
        try:
            return _by_libcst(text)
        except SyntaxError as other:
            raise _nearer(text, error, other) from None


def parses(text: str, parser: Parser | None = None) -> bool:
    """Whether the text parses as Python, with `parser` as in `parse`."""
    try:
        parse(text, parser)
    except SyntaxError:
        return False
    return True


def parse_expression(text: str) -> ast.expr:
    """The tree of one expression. Raises SyntaxError."""
    body = parse(text.strip()).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise SyntaxError("not one expression")
    return body[0].value


def _by_interpreter(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except UnicodeEncodeError:
        raise SyntaxError("it contains a lone surrogate, half of a character") from None
    except ValueError as error:
        raise SyntaxError(str(error)) from None
    except (RecursionError, MemoryError):
        raise SyntaxError("it is nested too deeply to be read") from None


def _by_libcst(text: str) -> ast.Module:
    # Imported here: it takes longer than linting most files.
    from looplint.syntax.concrete import concrete
    from looplint.syntax.lowering.lower import lower

    if "\0" in text:
        raise SyntaxError("source code string cannot contain null bytes")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return lower(concrete(text), text)
    except ValueError as error:
        raise SyntaxError(str(error)) from None
    except RecursionError:
        raise SyntaxError("it is nested too deeply to be read") from None


def _nearer(text: str, own: SyntaxError, other: SyntaxError) -> SyntaxError:
    """The error of the two parsers that should be shown: not that of an interpreter too old for the syntax there."""
    lines = text.split("\n")
    row = own.lineno or 1
    if other.lineno and other.lineno != row and newer_syntax(lines[row - 1] if row <= len(lines) else ""):
        return other
    return own
