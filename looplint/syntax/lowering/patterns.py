"""Patterns of `match`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from looplint.syntax.lowering.expressions import NAMED_CONSTANTS, Expressions


class Patterns(Expressions):
    """Lowers patterns."""

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
        return self.place(ast.MatchSingleton(NAMED_CONSTANTS[node.value.value]), start)

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
            self.trailing(isinstance(node.patterns[-1].comma, cst.Comma))
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


_PATTERNS: dict[type, Callable[..., Any]] = {
    cst.MatchSingleton: Patterns.match_singleton,
    cst.MatchList: Patterns.match_list,
    cst.MatchMapping: Patterns.match_mapping,
    cst.MatchClass: Patterns.match_class,
    cst.MatchAs: Patterns.match_as,
    cst.MatchOr: Patterns.match_or,
}
