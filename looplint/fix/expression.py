"""Replaces an expression on the concrete tree of libcst.

Parts that the new expression shares with the old one keep their comments, line breaks and brackets. Comments of removed
parts move above the statement.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import libcst as cst

from looplint.fix.program_text import ProgramText
from looplint.fix.splice import Refused
from looplint.syntax.located import Located
from looplint.syntax.parse import parse, parse_expression

# Not expressions by themselves.
_NOT_ALONE = (ast.Starred, ast.Slice, ast.Tuple)
# Expressions that bind tighter than any operator around them (https://docs.python.org/3/reference/expressions.html).
_PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp)
# Their outermost brackets are part of them, in `ast` as well.
_OWN_BRACKETS = (cst.Tuple, cst.GeneratorExp)
_CONTEXT = re.compile(r", ctx=(?:Load|Store|Del)\(\)")


@dataclasses.dataclass(frozen=True, slots=True)
class Replacement:
    """An expression of a concrete tree and its replacement. `region`: start and end of the old one, as offsets.
    `comments`: those of the old one that the new one lacks."""

    old: cst.BaseExpression
    new: cst.BaseExpression
    region: tuple[int, int]
    comments: tuple[str, ...]


def replacement(tree: Located, start: int, end: int, code: str) -> Replacement:
    """The replacement of a region, an expression or a part of one, by `code`, with brackets if it needs them. Raises
    Refused."""
    whole = tree.at(start, end) if code else None
    if not isinstance(whole, cst.BaseExpression):
        whole, code = _around(tree, start, end, code)
        start, end = tree.regions[whole]
    meant = _parsed(code)
    try:
        new = cst.parse_expression(f"({code}\n)", config=tree.module.config_for_parsing)
    except cst.ParserSyntaxError:
        meant = None
    if meant is None:
        raise Refused("the result would not be valid Python")
    lpar, rpar = _brackets(new)
    new = new.with_changes(lpar=lpar[1:], rpar=rpar[:-1])
    text = tree.text[start:end]
    _check_place(tree, start, end)
    before = comments_in(whole)
    if "\n" not in text and isinstance(meant, _PRIMARY):
        return Replacement(whole, _bracketed_as(whole, new), (start, end), ())
    forms = [new]
    if "\n" in text:
        forms.insert(0, _Keep(tree, whole).kept(new))
    for form in forms:
        for brackets in (0, 1):
            found = _bracketed_as(whole, form, brackets)
            if _fits(tree, whole, found, meant):
                gone = Counter(before) - Counter(comments_in(found))
                return Replacement(whole, found, (start, end), tuple(gone.elements()))
    raise Refused("the new expression does not fit in its place")


def code_in(tree: Located, each: Replacement) -> str:
    """The code of the new expression without the brackets around both."""
    outer = len(_brackets(each.old)[0]) - (isinstance(each.old, _OWN_BRACKETS) and bool(_brackets(each.old)[0]))
    left, right = _brackets(each.new)
    inner = each.new.with_changes(lpar=left[outer:], rpar=right[: len(right) - outer])
    return tree.module.code_for_node(inner)


def _around(tree: Located, start: int, end: int, code: str) -> tuple[cst.BaseExpression, str]:
    """The smallest expression around a region, and its code after the region is replaced by `code`."""
    around = [
        (last - first, first, node)
        for node, (first, last) in tree.regions.items()
        if first <= start and end <= last and (first, last) != (start, end) and isinstance(node, cst.BaseExpression)
    ]
    if not around:
        raise Refused("the result would not be valid Python")
    size, first, node = min(around, key=lambda each: each[0])
    return node, tree.text[first:start] + code + tree.text[end : first + size]


def _check_place(tree: Located, start: int, end: int) -> None:
    """Raises Refused for a wrong region: before Python 3.12 `ast` does not always know the positions of expressions in
    an f-string."""
    text = ProgramText(tree.text)
    row = text.row(start)
    for node in ast.walk(text.tree):
        if isinstance(node, ast.expr) and node.lineno == row and text.region(node) == (start, end):
            if not isinstance(node, _NOT_ALONE) and _shown(_parsed(tree.text[start:end])) != _shown(node):
                raise Refused("it is inside an f-string, whose parts this version of Python cannot place")
            break


def _fits(tree: Located, old: cst.BaseExpression, new: cst.BaseExpression, meant: ast.expr) -> bool:
    """Whether the text with the new expression parses as the old tree with `meant` instead of the old expression."""
    code = replaced_module(tree, {old: new}).code
    before = ProgramText(tree.text)
    try:
        after = parse(code)
    except SyntaxError:
        return False
    swap = _Swap(before, tree.regions[old], meant)
    expected = swap.visit(parse(tree.text))
    return swap.done and _shown(after) == _shown(expected)


class _Swap(ast.NodeTransformer):
    """Replaces the outermost expression at a region."""

    def __init__(self, text: ProgramText, region: tuple[int, int], new: ast.expr) -> None:
        self.text, self.region, self.new, self.done = text, region, new, False
        self.row = text.row(region[0])

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and not self.done and node.lineno == self.row:
            if self.text.region(node) == self.region:
                self.done = True
                return self.new
        return self.generic_visit(node)


def replaced_module(tree: Located, new: Mapping[Any, Any]) -> cst.Module:
    """The module after replacing some of its expressions."""
    module = tree.module.visit(_Replacing(tree, new))
    assert isinstance(module, cst.Module)
    return module


class _Replacing(cst.CSTTransformer):
    """Visits only nodes that contain one of the old expressions."""

    def __init__(self, tree: Located, new: Mapping[Any, Any]) -> None:
        super().__init__()
        self._regions = tree.regions
        self._new = new
        self._places = [tree.regions[node] for node in new]

    def on_visit(self, node: cst.CSTNode) -> bool:
        region = self._regions.get(node)
        return region is None or any(region[0] <= start and end <= region[1] for start, end in self._places)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        return self._new.get(original_node, updated_node)


def _brackets(node: Any) -> tuple[Sequence[cst.LeftParen], Sequence[cst.RightParen]]:
    return node.lpar, node.rpar


def _bracketed_as(old: Any, new: Any, more: int = 0) -> Any:
    """The new expression in the brackets around the old one, and in `more` pairs of its own."""
    own = isinstance(old, _OWN_BRACKETS) and bool(old.lpar)
    left, right = [cst.LeftParen()] * more, [cst.RightParen()] * more
    lpar = [*(old.lpar[:-1] if own else old.lpar), *left, *new.lpar]
    rpar = [*new.rpar, *right, *(old.rpar[1:] if own else old.rpar)]
    return new.with_changes(lpar=lpar, rpar=rpar)


class _Keep(cst.CSTTransformer):
    """Replaces parts of the new expression by equal parts of the old one."""

    def __init__(self, tree: Located, old: cst.CSTNode) -> None:
        super().__init__()
        self._module = tree.module
        self._parts: dict[str, Any] = {}
        self._calls: dict[str, cst.Call] = {}
        for node in _expressions(old):
            if shown := self._meaning(node):
                self._parts.setdefault(shown, node)
        for node in _expressions(old):
            if isinstance(node, cst.Call) and (shown := self._meaning(node.func)):
                self._calls.setdefault(shown, node)

    def kept(self, new: cst.BaseExpression) -> cst.BaseExpression:
        """The new expression with the parts of the old one."""
        found = new.visit(self)
        assert isinstance(found, cst.BaseExpression)
        return found

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if isinstance(original_node, cst.BaseExpression):
            old = self._parts.get(self._meaning(original_node) or "")
            if old is not None:
                brackets = (old if _comments_in_brackets(old) else original_node) if old.lpar else original_node
                return old.with_changes(lpar=brackets.lpar, rpar=brackets.rpar)
            if isinstance(original_node, cst.Call):
                call = self._calls.get(self._meaning(original_node.func) or "")
                if call is not None:
                    return self._arguments(call, original_node, updated_node)
        return updated_node

    def _arguments(self, old: cst.Call, original: cst.Call, updated: cst.Call) -> cst.Call:
        """A call of the same function: arguments that both have keep their comments and line breaks."""
        had = {self._argument(arg): arg for arg in old.args}
        between, end, end_space = _separators(old)
        args: list[cst.Arg] = []
        for index, (arg, new) in enumerate(zip(original.args, updated.args, strict=True)):
            same = had.get(self._argument(arg), new)
            last = index + 1 == len(original.args)
            if last and same is new:
                same = new.with_changes(comma=end, whitespace_after_arg=end_space)
            elif not last and (same is new or same is old.args[-1]):
                same = same.with_changes(comma=between, whitespace_after_arg=cst.SimpleWhitespace(""))
            args.append(same)
        same_end = bool(old.args) and bool(args)
        before = old.whitespace_before_args if same_end else updated.whitespace_before_args
        return updated.with_changes(func=old.func, args=args, whitespace_before_args=before)

    def _argument(self, arg: cst.Arg) -> tuple[str, str, str | None]:
        return arg.star, arg.keyword.value if arg.keyword else "", self._meaning(arg.value)

    def _meaning(self, node: cst.BaseExpression) -> str | None:
        """A text that is the same for equal expressions, however they are formatted; None for no expression."""
        try:
            return _shown(_parsed(self._module.code_for_node(node)))
        except (AttributeError, cst.CSTLogicError):
            return None


def _separators(
    call: cst.Call,
) -> tuple[cst.Comma, cst.Comma | cst.MaybeSentinel, cst.BaseParenthesizableWhitespace]:
    """The comma before an appended argument, and the comma and the space after the last one. A comment behind the last
    argument stays behind it."""
    end_space = call.args[-1].whitespace_after_arg if call.args else cst.SimpleWhitespace("")
    end = call.args[-1].comma if call.args else cst.MaybeSentinel.DEFAULT
    before = call.args[-2].comma if len(call.args) > 1 else None
    space = before.whitespace_after if isinstance(before, cst.Comma) else call.whitespace_before_args
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")), end, end_space
    plain = _without_comment(space).with_changes(empty_lines=())
    if isinstance(end_space, cst.ParenthesizedWhitespace):
        between = plain.with_changes(first_line=end_space.first_line)
        return cst.Comma(whitespace_after=between), end, _without_comment(end_space)
    if not isinstance(end, cst.Comma) or not isinstance(end.whitespace_after, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=plain), end, end_space
    last = end.whitespace_after
    between = plain.with_changes(first_line=last.first_line)
    return cst.Comma(whitespace_after=between), end.with_changes(whitespace_after=_without_comment(last)), end_space


def _without_comment(space: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    if space.first_line.comment is None:
        return space
    return space.with_changes(first_line=cst.TrailingWhitespace(newline=space.first_line.newline))


def _expressions(node: cst.CSTNode) -> Iterator[Any]:
    """The expressions in a node, itself included, outer ones first."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, cst.BaseExpression):
            yield found
        waiting += reversed(found.children)


def comments_in(node: cst.CSTNode) -> list[str]:
    """The comments in a node in source order, without those in the brackets around it."""
    inner = node.with_changes(lpar=(), rpar=()) if isinstance(node, cst.BaseExpression) else node
    found, waiting = list[str](), [inner]
    while waiting:
        part = waiting.pop()
        if isinstance(part, cst.Comment):
            found.append(part.value)
        waiting += reversed(part.children)
    return found


def _comments_in_brackets(node: Any) -> bool:
    return any(comments_in(each) for each in (*node.lpar, *node.rpar))


def _parsed(expression: str) -> ast.expr | None:
    try:
        return parse_expression(f"({expression}\n)")
    except SyntaxError:
        return None


def _shown(node: ast.AST | None) -> str | None:
    """A text that is the same for equal trees, wherever they are and whether expressions are read or assigned to."""
    return _CONTEXT.sub("", ast.dump(node)) if node is not None else None
