"""Strings, f-strings and templates."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import libcst as cst

from looplint.syntax import newer_nodes as newer
from looplint.syntax.lowering.cursor import BLANK, Cursor
from looplint.syntax.lowering.literals import joined, literal, text_between


class Strings(Cursor):
    """Lowers strings; what is interpolated in them is lowered by the expressions."""

    def expression(self, node: Any) -> Any:
        """The expression at the cursor."""
        raise NotImplementedError

    def string(self, node: cst.SimpleString | cst.FormattedString | cst.ConcatenatedString) -> ast.expr:
        parts: list[cst.SimpleString | cst.FormattedString | cst.TemplatedString] = []
        waiting: list[Any] = [node]
        while waiting:
            part = waiting.pop()
            if isinstance(part, cst.ConcatenatedString):
                waiting += (part.right, part.left)
            else:
                parts.append(part)
        start = self.skip()
        values: list[Any] = []
        for part in parts:
            if isinstance(part, cst.SimpleString):
                begin = self.take(len(part.value))
                values.append(self.place(ast.Constant(literal(part.value)), begin))
            else:
                self.take(len(part.start))
                values += self._parts(part.parts, part.start)
                self.at += len(part.end)
        whole = any(not isinstance(part, cst.SimpleString) for part in parts)
        kind = "u" if self.text[start] in "uU" else None
        if not whole:
            value = values[0].value if len(values) == 1 else joined([value.value for value in values])
            return self.place(ast.Constant(value, kind), start)  # type: ignore[no-any-return]
        template = any(isinstance(part, cst.TemplatedString) for part in parts)
        new = newer.TemplateStr if template else ast.JoinedStr
        return self.place(new(self._merged(values, kind)), start)  # type: ignore[no-any-return]

    def _parts(self, parts: Sequence[Any], quote: str, spec: bool = False) -> list[Any]:
        """The pieces of an f-string or template, from the cursor on. `spec`: they are those of a
        format specification."""
        values = []
        for part in parts:
            if isinstance(part, cst.FormattedStringText | cst.TemplatedStringText):
                begin = self.at
                self.at += len(part.value)
                values.append(self.place(ast.Constant(text_between(part.value, quote)), begin))
            else:
                values += self._interpolation(part, quote, spec)
        return values

    def _interpolation(
        self, part: cst.FormattedStringExpression | cst.TemplatedStringExpression, quote: str, in_spec: bool
    ) -> list[Any]:
        begin = self.at
        self.at += 1
        value = self.expression(part.expression)
        shown = []
        # A template keeps the space around an expression, too.
        written = self.text[begin + 1 : self.skip()]
        if part.equal is not None:
            self.take(1)
            self.at = BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            text = self.text[begin + 1 : self.at]
            shown.append(self.place(ast.Constant(text), begin + 1))
        conversion = -1
        if part.conversion is not None:
            self.take(1, len(part.conversion))
            conversion = ord(part.conversion)
        elif part.equal is not None and part.format_spec is None:
            conversion = ord("r")
        spec = None
        if part.format_spec is not None:
            colon = self.take(1)
            spec = ast.JoinedStr(self._merged(self._parts(part.format_spec, quote, spec=True), None))
            self.place(spec, colon)
        self.take(1)
        if isinstance(part, cst.TemplatedStringExpression) and not in_spec:
            new = newer.Interpolation(value, written, conversion, spec)
        else:
            new = ast.FormattedValue(value, conversion, spec)
        return [*shown, self.place(new, begin)]

    def _merged(self, values: list[Any], kind: str | None) -> list[Any]:
        """Neighbouring texts as one, empty ones left out."""
        merged: list[Any] = []
        for value in values:
            last = merged[-1] if merged else None
            if isinstance(value, ast.Constant) and isinstance(last, ast.Constant):
                last.value += value.value  # type: ignore[operator]
                last.end_lineno, last.end_col_offset = value.end_lineno, value.end_col_offset
            elif not isinstance(value, ast.Constant) or value.value:
                merged.append(value)
        for value in merged:
            if isinstance(value, ast.Constant):
                value.kind = kind
        return merged
