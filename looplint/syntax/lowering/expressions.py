"""Expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from looplint.syntax.lowering.cursor import normal
from looplint.syntax.lowering.displays import Displays
from looplint.syntax.lowering.literals import number_of
from looplint.syntax.lowering.operators import BINARY, BOOLEAN, COMPARE, UNARY
from looplint.syntax.lowering.targets import LOAD, stored

NAMED_CONSTANTS = {"None": None, "True": True, "False": False}


class Expressions(Displays):
    """Lowers expressions. `records`: whether `record` is called for them, those within long chains included, which are
    lowered at once."""

    records = False

    def record(self, node: Any, new: Any) -> None:
        """Hears what was made of an expression."""

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
        if value in NAMED_CONSTANTS:
            return self.place(ast.Constant(NAMED_CONSTANTS[value]), start)  # type: ignore[no-any-return]
        return self.place(ast.Name(normal(value), LOAD), start)  # type: ignore[no-any-return]

    def ellipsis(self, node: cst.Ellipsis) -> ast.expr:
        return self.place(ast.Constant(...), self.take(3))  # type: ignore[no-any-return]

    def number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> ast.expr:
        start = self.take(len(node.value))
        return self.place(ast.Constant(number_of(node)), start)  # type: ignore[no-any-return]

    def unary(self, node: cst.UnaryOperation) -> ast.expr:
        operator, width = UNARY[node.operator.__class__]
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
            operator, width = BINARY[each.operator.__class__]
            self.take(width)
            new = self.place(ast.BinOp(new, operator, self.expression(each.right)), start)
            if self.records:
                self.record(each, new)
        return new  # type: ignore[no-any-return]

    def boolean(self, node: cst.BooleanOperation) -> ast.expr:
        operator, width = BOOLEAN[node.operator.__class__]
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
            operator, widths = COMPARE[target.operator.__class__]
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
                made: Any = ast.Attribute(new, self.identifier(each.attr), LOAD)
            elif kind is cst.Call:
                made = self._call(new, each)
            else:
                self.take(1)
                made = ast.Subscript(new, self._subscript(each.slice), LOAD)
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
        positional, keywords = self.arguments(args)
        self.take(1)
        return ast.Call(function, positional, keywords)

    def arguments(self, args: Sequence[cst.Arg]) -> tuple[list[Any], list[Any]]:
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
                positional.append(self.place(ast.Starred(self.expression(arg.value), LOAD), start))
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
                parts.append(self.place(ast.Starred(self.expression(part.value), LOAD), begin))
            else:
                parts.append(self.expression(part.value))
        comma = isinstance(elements[-1].comma, cst.Comma)
        if len(parts) == 1 and not comma and not isinstance(parts[0], ast.Starred):
            return parts[0]
        self.trailing(comma)
        return self.place(ast.Tuple(parts, LOAD), start)

    def lambda_(self, node: cst.Lambda) -> ast.expr:
        start = self.take(6)
        arguments = self.parameters(node.params)
        self.take(1)
        return self.place(ast.Lambda(arguments, self.expression(node.body)), start)  # type: ignore[no-any-return]

    def parameters(self, node: cst.Parameters) -> ast.arguments:
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
        return self.place(ast.arg(name, self.annotation(param.annotation, 1)), start)  # type: ignore[no-any-return]

    def annotation(self, node: cst.Annotation | None, width: int) -> Any:
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
        target = stored(self.expression(node.target))
        self.take(2)
        return self.place(ast.NamedExpr(target, self.expression(node.value)), start)  # type: ignore[no-any-return]

    def starred(self, node: cst.StarredElement) -> ast.expr:
        start = self.take(1)
        return self.place(ast.Starred(self.expression(node.value), LOAD), start)  # type: ignore[no-any-return]


_CHAINED = {cst.Attribute, cst.Subscript, cst.Call}
_OWN_BRACKETS: dict[type, Callable[..., Any]] = {
    cst.Tuple: Expressions.tuple_,
    cst.GeneratorExp: Expressions.generator,
}
_EXPRESSIONS: dict[type, Callable[..., Any]] = {
    cst.Name: Expressions.name,
    cst.Ellipsis: Expressions.ellipsis,
    cst.Integer: Expressions.number,
    cst.Float: Expressions.number,
    cst.Imaginary: Expressions.number,
    cst.SimpleString: Expressions.string,
    cst.FormattedString: Expressions.string,
    cst.TemplatedString: Expressions.string,
    cst.ConcatenatedString: Expressions.string,
    cst.UnaryOperation: Expressions.unary,
    cst.BinaryOperation: Expressions.binary,
    cst.BooleanOperation: Expressions.boolean,
    cst.Comparison: Expressions.comparison,
    cst.Attribute: Expressions.chain,
    cst.Subscript: Expressions.chain,
    cst.Call: Expressions.chain,
    cst.Lambda: Expressions.lambda_,
    cst.Await: Expressions.await_,
    cst.IfExp: Expressions.conditional,
    cst.Yield: Expressions.yield_,
    cst.NamedExpr: Expressions.walrus,
    cst.StarredElement: Expressions.starred,
    cst.List: Expressions.list_,
    cst.Set: Expressions.set_,
    cst.Dict: Expressions.dict_,
    cst.ListComp: Expressions.list_comprehension,
    cst.SetComp: Expressions.set_comprehension,
    cst.DictComp: Expressions.dict_comprehension,
    cst.StarredDictComp: Expressions.merged_dicts,
}
