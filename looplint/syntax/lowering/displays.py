"""Tuples, lists, sets and dictionaries, written out or as comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import libcst as cst

from looplint.syntax.lowering.strings import Strings
from looplint.syntax.lowering.targets import LOAD, stored


class Displays(Strings):
    """Lowers displays and comprehensions; what they hold is lowered by the expressions."""

    def elements(self, elements: Sequence[Any]) -> list[Any]:
        return [self.expression(element.value if element.__class__ is cst.Element else element) for element in elements]

    def tuple_(self, node: cst.Tuple) -> ast.expr:
        start = self.skip()
        for _ in node.lpar:
            start = self.take(1)
        elements = self.elements(node.elements)
        if not node.lpar:
            self.trailing(bool(node.elements) and isinstance(node.elements[-1].comma, cst.Comma))
            return self.place(ast.Tuple(elements, LOAD), start)  # type: ignore[no-any-return]
        self.take(1)
        new = self.place(ast.Tuple(elements, LOAD), start)
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
        elements = self.elements(node.elements)
        self.take(1)
        return self.place(ast.List(elements, LOAD), start)  # type: ignore[no-any-return]

    def set_(self, node: cst.Set) -> ast.expr:
        start = self.take(1)
        elements = self.elements(node.elements)
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
            target = stored(self.expression(node.target))
            self.take(2)
            source = self.expression(node.iter)
            tests = []
            for each in node.ifs:
                self.take(2)
                tests.append(self.expression(each.test))
            generators.append(ast.comprehension(target, source, tests, int(node.asynchronous is not None)))
            node = node.inner_for_in
        return generators
