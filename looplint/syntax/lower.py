"""Lowers libcst's concrete tree to an `ast` tree: the same nodes at the same positions as the interpreter's own parser.

libcst's nodes have no positions, and its `PositionProvider` takes twice as long as its parser. Here one walk in source
order does both: a cursor moves over the text token by token, past blanks and comments, and a node extends from the
cursor before its first token to the cursor after its last.
"""

from __future__ import annotations

import ast
import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import libcst as cst

from looplint.syntax import newer_nodes as newer

# The text between two tokens. Commas and semicolons are part of no node but an open tuple, which takes its own.
_BETWEEN = re.compile(r"(?:[ \t\f\n,;]+|\\\n|#[^\n]*)*")
_BLANK = re.compile(r"(?:[ \t\f\n]+|\\\n|#[^\n]*)*")
_LOAD, _STORE, _DEL = ast.Load(), ast.Store(), ast.Del()
# Before Python 3.12 the parts of an f-string have the position of the whole string.
_PARTS_HAVE_PLACES = sys.version_info >= (3, 12)
_ESCAPES = re.compile(r"\\N\{[^}]*\}|\\[^{}]|\{\{|\}\}", re.DOTALL)
_STRING = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")

_BINARY: dict[type[cst.CSTNode], tuple[ast.operator, int]] = {
    cst.Add: (ast.Add(), 1),
    cst.Subtract: (ast.Sub(), 1),
    cst.Multiply: (ast.Mult(), 1),
    cst.Divide: (ast.Div(), 1),
    cst.FloorDivide: (ast.FloorDiv(), 2),
    cst.Modulo: (ast.Mod(), 1),
    cst.Power: (ast.Pow(), 2),
    cst.LeftShift: (ast.LShift(), 2),
    cst.RightShift: (ast.RShift(), 2),
    cst.BitOr: (ast.BitOr(), 1),
    cst.BitAnd: (ast.BitAnd(), 1),
    cst.BitXor: (ast.BitXor(), 1),
    cst.MatrixMultiply: (ast.MatMult(), 1),
}
_AUGMENTED: dict[type[cst.CSTNode], tuple[ast.operator, int]] = {
    getattr(cst, f"{kind.__name__}Assign"): (operator, width + 1) for kind, (operator, width) in _BINARY.items()
}
_UNARY: dict[type[cst.CSTNode], tuple[ast.unaryop, int]] = {
    cst.Plus: (ast.UAdd(), 1),
    cst.Minus: (ast.USub(), 1),
    cst.BitInvert: (ast.Invert(), 1),
    cst.Not: (ast.Not(), 3),
}
_BOOLEAN: dict[type[cst.CSTNode], tuple[ast.boolop, int]] = {cst.And: (ast.And(), 3), cst.Or: (ast.Or(), 2)}
_COMPARE: dict[type[cst.CSTNode], tuple[ast.cmpop, tuple[int, ...]]] = {
    cst.LessThan: (ast.Lt(), (1,)),
    cst.GreaterThan: (ast.Gt(), (1,)),
    cst.Equal: (ast.Eq(), (2,)),
    cst.LessThanEqual: (ast.LtE(), (2,)),
    cst.GreaterThanEqual: (ast.GtE(), (2,)),
    cst.NotEqual: (ast.NotEq(), (2,)),
    cst.In: (ast.In(), (2,)),
    cst.NotIn: (ast.NotIn(), (3, 2)),
    cst.Is: (ast.Is(), (2,)),
    cst.IsNot: (ast.IsNot(), (2, 3)),
}


def lower(module: cst.Module, text: str) -> ast.Module:
    """The `ast` tree of a concrete tree. `text`: what was parsed, with `\\n` newlines.

    Raises SyntaxError for what libcst accepts and Python does not (a literal such as `"\\x"`), and RecursionError.
    """
    return Lowering(text).module(module)


class Lowering:
    """One walk. `at`: the cursor, an offset in the text. `records`: whether `record` is called for expressions, those
    within long chains included, which are lowered at once."""

    records = False

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._ascii = text.isascii()
        self._row, self._first, self._next = 1, 0, self.starts[1] if len(self.starts) > 1 else len(text) + 1

    def record(self, node: Any, new: Any) -> None:
        """Hears what was made of an expression."""

    # The cursor

    def skip(self) -> int:
        """Move to the next token; returns its start."""
        self.at = at = _BETWEEN.match(self.text, self.at).end()  # type: ignore[union-attr]
        return at

    def take(self, *widths: int) -> int:
        """Move past tokens of these widths, in characters; returns the start of the first."""
        start = self.skip()
        self.at += widths[0]
        for width in widths[1:]:
            self.skip()
            self.at += width
        return start

    def point(self, offset: int) -> tuple[int, int]:
        """An offset as `ast` counts: the row from 1, the column from 0 in bytes of UTF-8."""
        if not self._first <= offset < self._next:
            starts = self.starts
            self._row = row = bisect_right(starts, offset)
            self._first = starts[row - 1]
            self._next = starts[row] if row < len(starts) else len(self.text) + 1
        if self._ascii:
            return self._row, offset - self._first
        return self._row, len(self.text[self._first : offset].encode())

    def place(self, node: Any, start: int, end: int | None = None) -> Any:
        """The node, from `start` to the cursor (or `end`)."""
        node.lineno, node.col_offset = self.point(start)
        node.end_lineno, node.end_col_offset = self.point(self.at if end is None else end)
        return node

    # Expressions

    def expression(self, node: Any) -> Any:
        kind = node.__class__
        if kind in _OWN_BRACKETS:
            return _OWN_BRACKETS[kind](self, node)
        for _ in node.lpar:
            self.take(1)
        new = _EXPRESSIONS[kind](self, node)
        for _ in node.rpar:
            self.take(1)
        return new

    def maybe(self, node: Any) -> Any:
        return None if node is None else self.expression(node)

    def name(self, node: cst.Name) -> ast.expr:
        value = node.value
        start = self.take(len(value))
        if value in _NAMED_CONSTANTS:
            return self.place(ast.Constant(_NAMED_CONSTANTS[value]), start)  # type: ignore[no-any-return]
        return self.place(ast.Name(_normal(value), _LOAD), start)  # type: ignore[no-any-return]

    def identifier(self, node: cst.Name) -> str:
        self.take(len(node.value))
        return _normal(node.value)

    def ellipsis(self, node: cst.Ellipsis) -> ast.expr:
        return self.place(ast.Constant(...), self.take(3))  # type: ignore[no-any-return]

    def number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> ast.expr:
        start = self.take(len(node.value))
        return self.place(ast.Constant(_number(node)), start)  # type: ignore[no-any-return]

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
                values.append(self.place(ast.Constant(_literal(part.value)), begin))
            else:
                self.take(len(part.start))
                values += self._parts(part.parts, part.start, start)
                self.at += len(part.end)
        whole = any(not isinstance(part, cst.SimpleString) for part in parts)
        kind = "u" if self.text[start] in "uU" else None
        if not whole:
            value = values[0].value if len(values) == 1 else _joined([value.value for value in values])
            return self.place(ast.Constant(value, kind), start)  # type: ignore[no-any-return]
        template = any(isinstance(part, cst.TemplatedString) for part in parts)
        new = newer.TemplateStr if template else ast.JoinedStr
        return self.place(new(self._merged(values, start, kind)), start)  # type: ignore[no-any-return]

    def _parts(self, parts: Sequence[Any], quote: str, whole: int, spec: bool = False) -> list[Any]:
        """The pieces of an f-string or template, from the cursor on. `whole`: the start of the string. `spec`: they are
        those of a format specification."""
        values = []
        for part in parts:
            if isinstance(part, cst.FormattedStringText | cst.TemplatedStringText):
                begin = self.at
                self.at += len(part.value)
                values.append(self.place(ast.Constant(_text_between(part.value, quote)), begin))
            else:
                values += self._interpolation(part, quote, whole, spec)
        return values

    def _interpolation(
        self, part: cst.FormattedStringExpression | cst.TemplatedStringExpression, quote: str, whole: int, in_spec: bool
    ) -> list[Any]:
        begin = self.at
        self.at += 1
        value = self.expression(part.expression)
        shown = []
        # A template keeps the space around an expression, too.
        written = self.text[begin + 1 : self.skip()]
        if part.equal is not None:
            self.take(1)
            self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
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
            spec = ast.JoinedStr(self._merged(self._parts(part.format_spec, quote, whole, spec=True), whole, None))
            self.place(spec, colon)
        self.take(1)
        if isinstance(part, cst.TemplatedStringExpression) and not in_spec:
            new = newer.Interpolation(value, written, conversion, spec)
        else:
            new = ast.FormattedValue(value, conversion, spec)
        return [*shown, self.place(new, begin)]

    def _merged(self, values: list[Any], whole: int, kind: str | None) -> list[Any]:
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

    def unary(self, node: cst.UnaryOperation) -> ast.expr:
        operator, width = _UNARY[node.operator.__class__]
        start = self.take(width)
        return self.place(ast.UnaryOp(operator, self.expression(node.expression)), start)  # type: ignore[no-any-return]

    def binary(self, node: cst.BinaryOperation) -> ast.expr:
        # Sums of a thousand terms are nested a thousand deep, on the left.
        spine = [node]
        while isinstance(left := spine[-1].left, cst.BinaryOperation) and not left.lpar:
            spine.append(left)
        start = self.skip()
        new = self.expression(spine[-1].left)
        for each in reversed(spine):
            operator, width = _BINARY[each.operator.__class__]
            self.take(width)
            new = self.place(ast.BinOp(new, operator, self.expression(each.right)), start)
            if self.records:
                self.record(each, new)
        return new  # type: ignore[no-any-return]

    def boolean(self, node: cst.BooleanOperation) -> ast.expr:
        operator, width = _BOOLEAN[node.operator.__class__]
        spine = [node]
        while isinstance(left := spine[-1].left, cst.BooleanOperation) and not left.lpar:
            if left.operator.__class__ is not node.operator.__class__:
                break
            spine.append(left)
        start = self.skip()
        values = [self.expression(spine[-1].left)]
        for each in reversed(spine):
            self.take(width)
            values.append(self.expression(each.right))
        return self.place(ast.BoolOp(operator, values), start)  # type: ignore[no-any-return]

    def comparison(self, node: cst.Comparison) -> ast.expr:
        start = self.skip()
        left = self.expression(node.left)
        operators, comparators = [], []
        for target in node.comparisons:
            operator, widths = _COMPARE[target.operator.__class__]
            operators.append(operator)
            self.take(*widths)
            comparators.append(self.expression(target.comparator))
        return self.place(ast.Compare(left, operators, comparators), start)  # type: ignore[no-any-return]

    def chain(self, node: cst.Attribute | cst.Subscript | cst.Call) -> ast.expr:
        """`a.b(c)[d].e`: long chains are nested deep, on the left."""
        spine: list[Any] = [node]
        while True:
            inner = spine[-1].func if spine[-1].__class__ is cst.Call else spine[-1].value
            if inner.__class__ not in _CHAINED or inner.lpar:
                break
            spine.append(inner)
        start = self.skip()
        new = self.expression(inner)
        for each in reversed(spine):
            kind = each.__class__
            if kind is cst.Attribute:
                self.take(1)
                made: Any = ast.Attribute(new, self.identifier(each.attr), _LOAD)
            elif kind is cst.Call:
                made = self._call(new, each)
            else:
                self.take(1)
                made = ast.Subscript(new, self._subscript(each.slice), _LOAD)
                self.take(1)
            new = self.place(made, start)
            if self.records:
                self.record(each, new)
        return new  # type: ignore[no-any-return]

    def _call(self, function: Any, node: cst.Call) -> ast.Call:
        args = node.args
        if len(args) == 1 and isinstance(args[0].value, cst.GeneratorExp) and not args[0].value.lpar:
            # The brackets of the call are also the generator's.
            begin = self.take(1)
            generator = self._generator(args[0].value)
            self.take(1)
            self.place(generator, begin)
            if self.records:
                self.record(args[0].value, generator)
            return ast.Call(function, [generator], [])
        self.take(1)
        positional, keywords = self._arguments(args)
        self.take(1)
        return ast.Call(function, positional, keywords)

    def _arguments(self, args: Sequence[cst.Arg]) -> tuple[list[Any], list[Any]]:
        positional, keywords = [], []
        for arg in args:
            start = self.skip()
            if arg.keyword is not None:
                name = self.identifier(arg.keyword)
                self.take(1)
                keywords.append(self.place(ast.keyword(name, self.expression(arg.value)), start))
            elif arg.star == "**":
                self.at += 2
                keywords.append(self.place(ast.keyword(None, self.expression(arg.value)), start))
            elif arg.star:
                self.at += 1
                positional.append(self.place(ast.Starred(self.expression(arg.value), _LOAD), start))
            else:
                positional.append(self.expression(arg.value))
        return positional, keywords

    def _subscript(self, elements: Sequence[cst.SubscriptElement]) -> Any:
        start = self.skip()
        parts = []
        for element in elements:
            begin = self.skip()
            part: Any = element.slice
            if isinstance(part, cst.Slice):
                lower = self.maybe(part.lower)
                self.take(1)
                upper = self.maybe(part.upper)
                if isinstance(part.second_colon, cst.Colon):
                    self.take(1)
                parts.append(self.place(ast.Slice(lower, upper, self.maybe(part.step)), begin))
            elif part.star:
                self.at += 1
                parts.append(self.place(ast.Starred(self.expression(part.value), _LOAD), begin))
            else:
                parts.append(self.expression(part.value))
        comma = isinstance(elements[-1].comma, cst.Comma)
        if len(parts) == 1 and not comma and not isinstance(parts[0], ast.Starred):
            return parts[0]
        self._trailing(comma)
        return self.place(ast.Tuple(parts, _LOAD), start)

    def _trailing(self, there: bool) -> None:
        if there:
            self.at = _BLANK.match(self.text, self.at).end() + 1  # type: ignore[union-attr]

    def lambda_(self, node: cst.Lambda) -> ast.expr:
        start = self.take(6)
        arguments = self._parameters(node.params)
        self.take(1)
        return self.place(ast.Lambda(arguments, self.expression(node.body)), start)  # type: ignore[no-any-return]

    def _parameters(self, node: cst.Parameters) -> ast.arguments:
        defaults: list[Any] = []
        kw_defaults: list[Any] = []

        def plain(params: Sequence[cst.Param], into: list[Any], always: bool) -> list[ast.arg]:
            args = []
            for param in params:
                args.append(self._parameter(param))
                if param.default is not None:
                    self.take(1)
                    into.append(self.expression(param.default))
                elif always:
                    into.append(None)
            return args

        posonly = plain(node.posonly_params, defaults, False)
        if isinstance(node.posonly_ind, cst.ParamSlash):
            self.take(1)
        args = plain(node.params, defaults, False)
        vararg = None
        if isinstance(node.star_arg, cst.Param | cst.ParamStar):
            self.take(1)
            if isinstance(node.star_arg, cst.Param):
                vararg = self._parameter(node.star_arg)
        kwonly = plain(node.kwonly_params, kw_defaults, True)
        kwarg = None
        if node.star_kwarg is not None:
            self.take(2)
            kwarg = self._parameter(node.star_kwarg)
        return ast.arguments(posonly, args, vararg, kwonly, kw_defaults, kwarg, defaults)

    def _parameter(self, param: cst.Param) -> ast.arg:
        start = self.skip()
        name = self.identifier(param.name)
        return self.place(ast.arg(name, self._annotation(param.annotation, 1)), start)  # type: ignore[no-any-return]

    def _annotation(self, node: cst.Annotation | None, width: int) -> Any:
        if node is None:
            return None
        self.take(width)
        return self.expression(node.annotation)

    def await_(self, node: cst.Await) -> ast.expr:
        start = self.take(5)
        return self.place(ast.Await(self.expression(node.expression)), start)  # type: ignore[no-any-return]

    def conditional(self, node: cst.IfExp) -> ast.expr:
        start = self.skip()
        body = self.expression(node.body)
        self.take(2)
        test = self.expression(node.test)
        self.take(4)
        return self.place(ast.IfExp(test, body, self.expression(node.orelse)), start)  # type: ignore[no-any-return]

    def yield_(self, node: cst.Yield) -> ast.expr:
        start = self.take(5)
        if isinstance(node.value, cst.From):
            self.take(4)
            return self.place(ast.YieldFrom(self.expression(node.value.item)), start)  # type: ignore[no-any-return]
        return self.place(ast.Yield(self.maybe(node.value)), start)  # type: ignore[no-any-return]

    def walrus(self, node: cst.NamedExpr) -> ast.expr:
        start = self.skip()
        target = _stored(self.expression(node.target))
        self.take(2)
        return self.place(ast.NamedExpr(target, self.expression(node.value)), start)  # type: ignore[no-any-return]

    def starred(self, node: cst.StarredElement) -> ast.expr:
        start = self.take(1)
        return self.place(ast.Starred(self.expression(node.value), _LOAD), start)  # type: ignore[no-any-return]

    def _elements(self, elements: Sequence[Any]) -> list[Any]:
        return [self.expression(element.value if element.__class__ is cst.Element else element) for element in elements]

    def tuple_(self, node: cst.Tuple) -> ast.expr:
        start = self.skip()
        for _ in node.lpar:
            start = self.take(1)
        elements = self._elements(node.elements)
        if not node.lpar:
            self._trailing(bool(node.elements) and isinstance(node.elements[-1].comma, cst.Comma))
            return self.place(ast.Tuple(elements, _LOAD), start)  # type: ignore[no-any-return]
        self.take(1)
        new = self.place(ast.Tuple(elements, _LOAD), start)
        for _ in node.rpar[1:]:
            self.take(1)
        return new  # type: ignore[no-any-return]

    def generator(self, node: cst.GeneratorExp) -> ast.expr:
        start = self.skip()
        for _ in node.lpar:
            start = self.take(1)
        new = self._generator(node)
        for index, _ in enumerate(node.rpar):
            self.take(1)
            if not index:
                self.place(new, start)
        return new

    def _generator(self, node: cst.GeneratorExp) -> ast.expr:
        return ast.GeneratorExp(self.expression(node.elt), self._generators(node.for_in))

    def list_(self, node: cst.List) -> ast.expr:
        start = self.take(1)
        elements = self._elements(node.elements)
        self.take(1)
        return self.place(ast.List(elements, _LOAD), start)  # type: ignore[no-any-return]

    def set_(self, node: cst.Set) -> ast.expr:
        start = self.take(1)
        elements = self._elements(node.elements)
        self.take(1)
        return self.place(ast.Set(elements), start)  # type: ignore[no-any-return]

    def dict_(self, node: cst.Dict) -> ast.expr:
        start = self.take(1)
        keys: list[Any] = []
        values = []
        element: Any
        for element in node.elements:
            if isinstance(element, cst.StarredDictElement):
                self.take(2)
                keys.append(None)
            else:
                keys.append(self.expression(element.key))
                self.take(1)
            values.append(self.expression(element.value))
        self.take(1)
        return self.place(ast.Dict(keys, values), start)  # type: ignore[no-any-return]

    def list_comprehension(self, node: cst.ListComp) -> ast.expr:
        start = self.take(1)
        element = self.expression(node.elt)
        generators = self._generators(node.for_in)
        self.take(1)
        return self.place(ast.ListComp(element, generators), start)  # type: ignore[no-any-return]

    def set_comprehension(self, node: cst.SetComp) -> ast.expr:
        start = self.take(1)
        element = self.expression(node.elt)
        generators = self._generators(node.for_in)
        self.take(1)
        return self.place(ast.SetComp(element, generators), start)  # type: ignore[no-any-return]

    def dict_comprehension(self, node: cst.DictComp) -> ast.expr:
        start = self.take(1)
        key = self.expression(node.key)
        self.take(1)
        value = self.expression(node.value)
        generators = self._generators(node.for_in)
        self.take(1)
        return self.place(ast.DictComp(key, value, generators), start)  # type: ignore[no-any-return]

    def merged_dicts(self, node: Any) -> ast.expr:
        """`{**each for each in dicts}`: the key is the mapping, and there is no value, as in Python 3.15."""
        start = self.take(1, 2)
        mapping = self.expression(node.value)
        generators = self._generators(node.for_in)
        self.take(1)
        made = ast.DictComp(mapping, None, generators)  # type: ignore[arg-type]
        return self.place(made, start)  # type: ignore[no-any-return]

    def _generators(self, node: cst.CompFor | None) -> list[ast.comprehension]:
        generators = []
        while node is not None:
            if node.asynchronous is not None:
                self.take(5)
            self.take(3)
            target = _stored(self.expression(node.target))
            self.take(2)
            source = self.expression(node.iter)
            tests = []
            for each in node.ifs:
                self.take(2)
                tests.append(self.expression(each.test))
            generators.append(ast.comprehension(target, source, tests, int(node.asynchronous is not None)))
            node = node.inner_for_in
        return generators

    # Statements

    def module(self, node: cst.Module) -> ast.Module:
        return ast.Module(self.statements(node.body), [])

    def statements(self, body: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        for statement in body:
            if statement.__class__ is cst.SimpleStatementLine:
                found += self._line(statement.body)
            else:
                found.append(self.compound_statement(statement))
        return found

    def compound_statement(self, node: Any) -> Any:
        return _STATEMENTS[node.__class__](self, node)

    def small_statement(self, node: Any) -> Any:
        start = self.skip()
        return self.place(_STATEMENTS[node.__class__](self, node), start)

    def suite(self, node: Any) -> list[Any]:
        """`: ...`, on the same line or below."""
        self.take(1)
        return self.statements(node.body) if node.__class__ is cst.IndentedBlock else self._line(node.body)

    def _line(self, body: Sequence[Any]) -> list[Any]:
        """Simple statements on a line. A trailing semicolon belongs to the block around them."""
        found = [self.small_statement(small) for small in body]
        self._trailing(isinstance(body[-1].semicolon, cst.Semicolon))
        return found

    def otherwise(self, node: cst.Else | cst.Finally | None) -> list[Any]:
        if node is None:
            return []
        self.take(4 if node.__class__ is cst.Else else 7)
        return self.suite(node.body)

    def expression_statement(self, node: cst.Expr) -> ast.stmt:
        return ast.Expr(self.expression(node.value))

    def pass_(self, node: cst.Pass) -> ast.stmt:
        self.take(4)
        return ast.Pass()

    def break_(self, node: cst.Break) -> ast.stmt:
        self.take(5)
        return ast.Break()

    def continue_(self, node: cst.Continue) -> ast.stmt:
        self.take(8)
        return ast.Continue()

    def return_(self, node: cst.Return) -> ast.stmt:
        self.take(6)
        return ast.Return(self.maybe(node.value))

    def delete(self, node: cst.Del) -> ast.stmt:
        self.take(3)
        target = node.target
        if isinstance(target, cst.Tuple) and not target.lpar:
            return ast.Delete([_deleted(element) for element in self._elements(target.elements)])
        return ast.Delete([_deleted(self.expression(target))])

    def assign(self, node: cst.Assign) -> ast.stmt:
        targets = []
        for target in node.targets:
            targets.append(_stored(self.expression(target.target)))
            self.take(1)
        return ast.Assign(targets, self.expression(node.value))

    def annotated(self, node: cst.AnnAssign) -> ast.stmt:
        simple = int(isinstance(node.target, cst.Name) and not node.target.lpar)
        target = _stored(self.expression(node.target))
        annotation = self._annotation(node.annotation, 1)
        if node.value is not None:
            self.take(1)
        return ast.AnnAssign(target, annotation, self.maybe(node.value), simple)

    def augmented(self, node: cst.AugAssign) -> ast.stmt:
        target = _stored(self.expression(node.target))
        operator, width = _AUGMENTED[node.operator.__class__]
        self.take(width)
        return ast.AugAssign(target, operator, self.expression(node.value))

    def raise_(self, node: cst.Raise) -> ast.stmt:
        self.take(5)
        raised = self.maybe(node.exc)
        if node.cause is None:
            return ast.Raise(raised, None)
        self.take(4)
        return ast.Raise(raised, self.expression(node.cause.item))

    def assert_(self, node: cst.Assert) -> ast.stmt:
        self.take(6)
        return ast.Assert(self.expression(node.test), self.maybe(node.msg))

    def global_(self, node: cst.Global) -> ast.stmt:
        self.take(6)
        return ast.Global([self.identifier(item.name) for item in node.names])

    def nonlocal_(self, node: cst.Nonlocal) -> ast.stmt:
        self.take(8)
        return ast.Nonlocal([self.identifier(item.name) for item in node.names])

    def import_(self, node: Any) -> ast.stmt:
        if node.__class__ is not cst.Import:
            self.take(4)
        self.take(6)
        return ast.Import([self._alias(alias) for alias in node.names])

    def import_from(self, node: Any) -> ast.stmt:
        if node.__class__ is not cst.ImportFrom:
            self.take(4)
        self.take(4)
        for _ in node.relative:
            self.take(1)
        module = None if node.module is None else self._dotted(node.module)
        self.take(6)
        if node.lpar is not None:
            self.take(1)
        if isinstance(node.names, cst.ImportStar):
            names = [self.place(ast.alias("*", None), self.take(1))]
        else:
            names = [self._alias(alias) for alias in node.names]
        if node.rpar is not None:
            self.take(1)
        return ast.ImportFrom(module, names, len(node.relative))

    def _alias(self, node: cst.ImportAlias) -> ast.alias:
        start = self.skip()
        name = self._dotted(node.name)
        asname = None
        if node.asname is not None:
            self.take(2)
            assert isinstance(node.asname.name, cst.Name)
            asname = self.identifier(node.asname.name)
        return self.place(ast.alias(name, asname), start)  # type: ignore[no-any-return]

    def _dotted(self, node: cst.Attribute | cst.Name) -> str:
        if isinstance(node, cst.Name):
            return self.identifier(node)
        assert isinstance(node.value, cst.Attribute | cst.Name)
        first = self._dotted(node.value)
        self.take(1)
        return f"{first}.{self.identifier(node.attr)}"

    def if_(self, node: cst.If) -> ast.stmt:
        # A chain of `elif` is nested as deep as it is long.
        chain: list[tuple[Any, int]] = []
        rest: Any = node
        while isinstance(rest, cst.If):
            start = self.take(4 if chain else 2)
            made = ast.If(self.expression(rest.test), self.suite(rest.body), [])
            chain.append((made, start))
            rest = rest.orelse
        chain[-1][0].orelse = self.otherwise(rest)
        for (outer, _), (inner, _) in pairwise(chain):
            outer.orelse = [inner]
        for made, start in chain:
            self.place(made, start)
        return chain[0][0]  # type: ignore[no-any-return]

    def while_(self, node: cst.While) -> ast.stmt:
        start = self.take(5)
        test, body = self.expression(node.test), self.suite(node.body)
        return self.place(ast.While(test, body, self.otherwise(node.orelse)), start)  # type: ignore[no-any-return]

    def for_(self, node: cst.For) -> ast.stmt:
        start = self.take(3) if node.asynchronous is None else self.take(5, 3)
        target = _stored(self.expression(node.target))
        self.take(2)
        source = self.expression(node.iter)
        body = self.suite(node.body)
        made = ast.For if node.asynchronous is None else ast.AsyncFor
        return self.place(made(target, source, body, self.otherwise(node.orelse)), start)  # type: ignore[no-any-return]

    def with_(self, node: cst.With) -> ast.stmt:
        start = self.take(4) if node.asynchronous is None else self.take(5, 4)
        brackets = isinstance(node.lpar, cst.LeftParen)
        if brackets:
            self.take(1)
        items = []
        for item in node.items:
            context = self.expression(item.item)
            target = None
            if item.asname is not None:
                self.take(2)
                target = _stored(self.expression(item.asname.name))
            items.append(ast.withitem(context, target))
        if brackets:
            self.take(1)
        made = ast.With if node.asynchronous is None else ast.AsyncWith
        return self.place(made(items, self.suite(node.body)), start)  # type: ignore[no-any-return]

    def try_(self, node: cst.Try | cst.TryStar) -> ast.stmt:
        start = self.take(3)
        body = self.suite(node.body)
        handlers = []
        for handler in node.handlers:
            begin = self.take(6) if isinstance(handler, cst.ExceptHandler) else self.take(6, 1)
            caught = self.maybe(handler.type)
            name = None
            if handler.name is not None:
                self.take(2)
                assert isinstance(handler.name.name, cst.Name)
                name = self.identifier(handler.name.name)
            handlers.append(self.place(ast.ExceptHandler(caught, name, self.suite(handler.body)), begin))
        orelse = self.otherwise(node.orelse)
        made = ast.Try if isinstance(node, cst.Try) else ast.TryStar
        new = made(body, handlers, orelse, self.otherwise(node.finalbody))
        return self.place(new, start)  # type: ignore[no-any-return]

    def _decorators(self, node: cst.FunctionDef | cst.ClassDef) -> list[Any]:
        decorators = []
        for each in node.decorators:
            self.take(1)
            decorators.append(self.expression(each.decorator))
        return decorators

    def function(self, node: cst.FunctionDef) -> ast.stmt:
        decorators = self._decorators(node)
        start = self.take(3) if node.asynchronous is None else self.take(5, 3)
        name = self.identifier(node.name)
        parameters = self._type_parameters(node.type_parameters)
        self.take(1)
        arguments = self._parameters(node.params)
        self.take(1)
        returns = self._annotation(node.returns, 2)
        made: Any = ast.FunctionDef if node.asynchronous is None else ast.AsyncFunctionDef
        if parameters:
            made = newer.GenericFunctionDef if node.asynchronous is None else newer.GenericAsyncFunctionDef
        new = made(name, arguments, self.suite(node.body), decorators, returns)
        if parameters or newer.HAS_TYPE_PARAMETERS:
            new.type_params = parameters
        return self.place(new, start)  # type: ignore[no-any-return]

    def class_(self, node: cst.ClassDef) -> ast.stmt:
        decorators = self._decorators(node)
        start = self.take(5)
        name = self.identifier(node.name)
        parameters = self._type_parameters(node.type_parameters)
        brackets = isinstance(node.lpar, cst.LeftParen)
        if brackets:
            self.take(1)
        bases, keywords = self._arguments([*node.bases, *node.keywords])
        if brackets:
            self.take(1)
        made: Any = newer.GenericClassDef if parameters else ast.ClassDef
        new = made(name, bases, keywords, self.suite(node.body), decorators)
        if parameters or newer.HAS_TYPE_PARAMETERS:
            new.type_params = parameters
        return self.place(new, start)  # type: ignore[no-any-return]

    def _type_parameters(self, node: cst.TypeParameters | None) -> list[Any]:
        if node is None:
            return []
        self.take(1)
        found = []
        for each in node.params:
            start = self.skip()
            param = each.param
            default = {} if each.default is None else {"default_value": None}
            if isinstance(param, cst.TypeVar):
                kind = newer.TypeVar if default else newer.without_default(newer.TypeVar)
                new = kind(name=self.identifier(param.name), bound=None, **default)
                if param.bound is not None:
                    self.take(1)
                    new.bound = self.expression(param.bound)
            else:
                self.take(1 if isinstance(param, cst.TypeVarTuple) else 2)
                kind = newer.TypeVarTuple if isinstance(param, cst.TypeVarTuple) else newer.ParamSpec
                kind = kind if default else newer.without_default(kind)
                new = kind(name=self.identifier(param.name), **default)
            if each.default is not None:
                self.take(1)
                begin = self.skip()
                if each.star:
                    self.at += 1
                value = self.expression(each.default)
                new.default_value = self.place(ast.Starred(value, _LOAD), begin) if each.star else value
            found.append(self.place(new, start))
        self.take(1)
        return found

    def type_alias(self, node: cst.TypeAlias) -> ast.stmt:
        self.take(4)
        name = _stored(self.expression(node.name))
        parameters = self._type_parameters(node.type_parameters)
        self.take(1)
        value = self.expression(node.value)
        return newer.TypeAlias(name=name, type_params=parameters, value=value)  # type: ignore[no-any-return]

    # Patterns

    def match(self, node: cst.Match) -> ast.stmt:
        start = self.take(5)
        subject = self.expression(node.subject)
        self.take(1)
        cases = []
        for case in node.cases:
            self.take(4)
            pattern = self.pattern(case.pattern)
            guard = None
            if case.guard is not None:
                self.take(2)
                guard = self.expression(case.guard)
            cases.append(ast.match_case(pattern, guard, self.suite(case.body)))
        return self.place(ast.Match(subject, cases), start)  # type: ignore[no-any-return]

    def pattern(self, node: Any) -> Any:
        kind = node.__class__
        if kind is cst.MatchTuple:
            return self._match_tuple(node)
        if kind is cst.MatchValue:
            # Its brackets are the expression's.
            value = self.expression(node.value)
            return ast.copy_location(ast.MatchValue(value), value)
        for _ in node.lpar:
            self.take(1)
        new = _PATTERNS[kind](self, node)
        for _ in node.rpar:
            self.take(1)
        return new

    def match_singleton(self, node: cst.MatchSingleton) -> Any:
        start = self.take(len(node.value.value))
        return self.place(ast.MatchSingleton(_NAMED_CONSTANTS[node.value.value]), start)

    def _match_elements(self, patterns: Sequence[Any]) -> list[Any]:
        found = []
        for each in patterns:
            if isinstance(each, cst.MatchStar):
                start = self.take(1)
                name = None if each.name is None else self.identifier(each.name)
                if each.name is None:
                    self.take(1)  # `*_`
                found.append(self.place(ast.MatchStar(None if name == "_" else name), start))
            else:
                found.append(self.pattern(each.value))
        return found

    def match_list(self, node: cst.MatchList) -> Any:
        start = self.skip()
        if node.lbracket is not None:
            self.take(1)
        patterns = self._match_elements(node.patterns)
        if node.rbracket is not None:
            self.take(1)
        elif node.patterns:
            self._trailing(isinstance(node.patterns[-1].comma, cst.Comma))
        return self.place(ast.MatchSequence(patterns), start)

    def _match_tuple(self, node: cst.MatchTuple) -> Any:
        start = self.skip()
        for _ in node.lpar:
            start = self.take(1)
        patterns = self._match_elements(node.patterns)
        self.take(1)
        new = self.place(ast.MatchSequence(patterns), start)
        for _ in node.rpar[1:]:
            self.take(1)
        return new

    def match_mapping(self, node: cst.MatchMapping) -> Any:
        start = self.take(1)
        keys, patterns = [], []
        for element in node.elements:
            keys.append(self.expression(element.key))
            self.take(1)
            patterns.append(self.pattern(element.pattern))
        rest = None
        if node.rest is not None:
            self.take(2)
            rest = self.identifier(node.rest)
        self.take(1)
        return self.place(ast.MatchMapping(keys, patterns, rest), start)

    def match_class(self, node: cst.MatchClass) -> Any:
        start = self.skip()
        cls = self.expression(node.cls)
        self.take(1)
        patterns = self._match_elements(node.patterns)
        names, values = [], []
        for keyword in node.kwds:
            names.append(self.identifier(keyword.key))
            self.take(1)
            values.append(self.pattern(keyword.pattern))
        self.take(1)
        return self.place(ast.MatchClass(cls, patterns, names, values), start)

    def match_as(self, node: cst.MatchAs) -> Any:
        start = self.skip()
        pattern = None if node.pattern is None else self.pattern(node.pattern)
        if pattern is not None and node.name is not None:
            self.take(2)
        if node.name is None:
            self.take(1)  # `_`
            return self.place(ast.MatchAs(pattern, None), start)
        name = self.identifier(node.name)
        return self.place(ast.MatchAs(pattern, None if name == "_" else name), start)

    def match_or(self, node: cst.MatchOr) -> Any:
        start = self.skip()
        patterns = []
        for index, each in enumerate(node.patterns):
            if index:
                self.take(1)
            patterns.append(self.pattern(each.pattern))
        return self.place(ast.MatchOr(patterns), start)


_NAMED_CONSTANTS = {"None": None, "True": True, "False": False}
_CHAINED = {cst.Attribute, cst.Subscript, cst.Call}
_OWN_BRACKETS: dict[type, Callable[..., Any]] = {
    cst.Tuple: Lowering.tuple_,
    cst.GeneratorExp: Lowering.generator,
}
_EXPRESSIONS: dict[type, Callable[..., Any]] = {
    cst.Name: Lowering.name,
    cst.Ellipsis: Lowering.ellipsis,
    cst.Integer: Lowering.number,
    cst.Float: Lowering.number,
    cst.Imaginary: Lowering.number,
    cst.SimpleString: Lowering.string,
    cst.FormattedString: Lowering.string,
    cst.TemplatedString: Lowering.string,
    cst.ConcatenatedString: Lowering.string,
    cst.UnaryOperation: Lowering.unary,
    cst.BinaryOperation: Lowering.binary,
    cst.BooleanOperation: Lowering.boolean,
    cst.Comparison: Lowering.comparison,
    cst.Attribute: Lowering.chain,
    cst.Subscript: Lowering.chain,
    cst.Call: Lowering.chain,
    cst.Lambda: Lowering.lambda_,
    cst.Await: Lowering.await_,
    cst.IfExp: Lowering.conditional,
    cst.Yield: Lowering.yield_,
    cst.NamedExpr: Lowering.walrus,
    cst.StarredElement: Lowering.starred,
    cst.List: Lowering.list_,
    cst.Set: Lowering.set_,
    cst.Dict: Lowering.dict_,
    cst.ListComp: Lowering.list_comprehension,
    cst.SetComp: Lowering.set_comprehension,
    cst.DictComp: Lowering.dict_comprehension,
    cst.StarredDictComp: Lowering.merged_dicts,
}
_STATEMENTS: dict[type, Callable[..., Any]] = {
    cst.Expr: Lowering.expression_statement,
    cst.Pass: Lowering.pass_,
    cst.Break: Lowering.break_,
    cst.Continue: Lowering.continue_,
    cst.Return: Lowering.return_,
    cst.Del: Lowering.delete,
    cst.Assign: Lowering.assign,
    cst.AnnAssign: Lowering.annotated,
    cst.AugAssign: Lowering.augmented,
    cst.Raise: Lowering.raise_,
    cst.Assert: Lowering.assert_,
    cst.Global: Lowering.global_,
    cst.Nonlocal: Lowering.nonlocal_,
    cst.Import: Lowering.import_,
    cst.LazyImport: Lowering.import_,
    cst.ImportFrom: Lowering.import_from,
    cst.LazyImportFrom: Lowering.import_from,
    cst.TypeAlias: Lowering.type_alias,
    cst.If: Lowering.if_,
    cst.While: Lowering.while_,
    cst.For: Lowering.for_,
    cst.With: Lowering.with_,
    cst.Try: Lowering.try_,
    cst.TryStar: Lowering.try_,
    cst.FunctionDef: Lowering.function,
    cst.ClassDef: Lowering.class_,
    cst.Match: Lowering.match,
}
_PATTERNS: dict[type, Callable[..., Any]] = {
    cst.MatchSingleton: Lowering.match_singleton,
    cst.MatchList: Lowering.match_list,
    cst.MatchMapping: Lowering.match_mapping,
    cst.MatchClass: Lowering.match_class,
    cst.MatchAs: Lowering.match_as,
    cst.MatchOr: Lowering.match_or,
}


def _normal(name: str) -> str:
    """A name as Python keeps it (https://docs.python.org/3/reference/lexical_analysis.html#identifiers)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def _stored(node: Any, context: ast.expr_context = _STORE) -> Any:
    """The expression as an assignment target."""
    if isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            _stored(element, context)
    elif isinstance(node, ast.Starred):
        _stored(node.value, context)
    if "ctx" in node._fields:
        node.ctx = context
    return node


def _deleted(node: Any) -> Any:
    return _stored(node, _DEL)


def _number(node: cst.Integer | cst.Float | cst.Imaginary) -> int | float | complex:
    value = node.value
    if isinstance(node, cst.Integer):
        try:
            return int(value, 0)
        except ValueError as error:
            raise SyntaxError(str(error)) from None
    if isinstance(node, cst.Float):
        return float(value)
    return complex(0, float(value[:-1]))


def _literal(token: str) -> str | bytes:
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


def _text_between(written: str, quote: str) -> str:
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


def _joined(values: Sequence[Any]) -> str | bytes:
    """Adjacent strings. Raises SyntaxError for text beside bytes."""
    if len({type(value) for value in values}) > 1:
        raise SyntaxError("cannot mix bytes and nonbytes literals")
    return type(values[0])().join(values)  # type: ignore[no-any-return]
