"""The values of literals."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

import libcst as cst

_ESCAPES = re.compile(r"\\N\{[^}]*\}|\\[^{}]|\{\{|\}\}", re.DOTALL)
_STRING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")


def number_of(node: cst.Integer | cst.Float | cst.Imaginary) -> int | float | complex:
    value = node.value
    if isinstance(node, cst.Integer):
        try:
            return int(value, 0)
        except ValueError as error:
            raise SyntaxError(str(error)) from None
    if isinstance(node, cst.Float):
        return float(value)
    return complex(0, float(value[:-1]))


def literal(token: str) -> str | bytes:
    """The value of a string token. Raises SyntaxError for invalid escapes."""
    found = _STRING.match(token)
    assert found is not None
    if "\\" not in token:
        body = token[found.end() : -len(found[2])]
        if found[1] in ("", "r", "R", "u", "U"):
            return body
    value = ast.literal_eval(token)
    assert isinstance(value, str | bytes)
    return value


def text_between(written: str, quote: str) -> str:
    """The value of the text between the expressions of an f-string with the prefix and quote `quote`."""
    found = _STRING.match(quote)
    assert found is not None
    raw = "r" in found[1].lower()
    if raw or "\\" not in written:
        return written.replace("{{", "{").replace("}}", "}")
    body = _ESCAPES.sub(lambda part: part[0][0] if part[0] in ("{{", "}}") else part[0], written)
    backslashes = len(body) - len(body.rstrip("\\"))
    # The space keeps quotes at the end of the text apart from those that end the literal.
    value = ast.literal_eval(found[2] + body + "\\" * (backslashes % 2) + " " + found[2])
    assert isinstance(value, str)
    return value[:-1]


def joined(values: Sequence[Any]) -> str | bytes:
    """Adjacent strings. Raises SyntaxError for text beside bytes."""
    if len({type(value) for value in values}) > 1:
        raise SyntaxError("cannot mix bytes and nonbytes literals")
    return type(values[0])().join(values)  # type: ignore[no-any-return]
