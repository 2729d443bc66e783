"""Displays: lists, tuples, sets, dicts and comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import ClassVar

from looplint.events import Fact
from looplint.interpreter.part import Part
from looplint.interpreter.values import Collection, Const, Method, Value, alternatives, objects_in


class Displays(Part):
    """Evaluates displays and comprehensions."""

    def _list(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        values = [self.reader.evaluate(item.value if isinstance(item, ast.Starred) else item) for item in node.elts]
        found = self.reader.objects.collection(node)
        parts = _spliced(node.elts, values)
        if parts is None:
            found.items = {}
            found.more = tuple(
                self.reader.items.element(value, item) if isinstance(item, ast.Starred) else value
                for item, value in zip(node.elts, values, strict=True)
            )
        else:
            found.items = dict(enumerate(parts))
        found.operands = self.reader.objects.of(values)
        return found

    def _dict(self, node: ast.Dict) -> Value:
        found = self.reader.objects.collection(node)
        found.mapping = True
        for key, value in zip(node.keys, node.values, strict=True):
            item = self.reader.evaluate(value)
            name = self.reader.evaluate(key) if key is not None else None
            for one in alternatives(item):
                if isinstance(one, Method) and one.name == "state_dict":
                    self.reader.record.uncalled[id(item)] = one, value
            if isinstance(name, Const) and not isinstance(name.value, list):
                found.items[name.value] = item
            elif key is None and isinstance(item, Collection) and item.mapping:
                found.items.update(item.items)
            else:
                found.more = (*found.more, item)
            found.operands = (*found.operands, *self.reader.objects.of((item,)))
        return found

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        found = self.reader.objects.collection(node)
        values: list[Value] = []
        iterables: list[Value] = []
        begin = len(self.reader.graph.nodes)
        keeps = not isinstance(node, ast.GeneratorExp) or node in self.reader.record.collected
        element = node.value if isinstance(node, ast.DictComp) else node.elt

        def add(value: Value) -> None:
            values.append(value)
            if keeps:
                self.reader.accumulation.keep_trained(found, value, node, element, begin)

        self._iterate(node, 0, add, iterables)
        state = next((one for one in objects_in(iterables[0]) if Fact.STATE in one.facts), None)
        if state is not None and isinstance(node, ast.DictComp) and _shares_memory(node.value):
            return state
        found.items, found.more = {}, tuple(values)
        found.mapping = False
        found.operands = self.reader.objects.of(values)
        return found

    def _iterate(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        index: int,
        add: Callable[[Value], None],
        iterables: list[Value],
    ) -> None:
        """One `for` of a comprehension and those inside it; records its iterable, and adds its elements."""
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if index == len(node.generators):
            add(self.reader.evaluate_all(results)[-1])
            return
        part = node.generators[index]
        over = self.reader.evaluate(part.iter)
        iterables.append(over)
        self.reader.iterators.consume(part.iter, "comprehension")

        def body() -> None:
            self.reader.assignments.assign(part.target, self.reader.items.element(over, part.target))
            self.reader.evaluate_all(part.ifs)
            self._iterate(node, index + 1, add, iterables)

        if self.reader.expressions.plain([part.iter, *part.ifs, *results]):
            body()
        else:
            self.reader.loops.repeat("comprehension", node, next(objects_in(over), None), body, endless=False)

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {
        ast.List: _list,
        ast.Tuple: _list,
        ast.Set: _list,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension,
    }


def _spliced(written: Sequence[ast.expr], values: Sequence[Value]) -> list[Value] | None:
    """The elements of a display, those of what is unpacked in it included; None if these are not known."""
    parts: list[Value] = []
    for item, value in zip(written, values, strict=True):
        if not isinstance(item, ast.Starred):
            parts.append(value)
        elif isinstance(value, Collection) and not value.more and not value.mapping:
            parts += value.elements()
        else:
            return None
    return parts


def _shares_memory(node: ast.expr) -> bool:
    """Whether an expression is a name, or another tensor that shares its memory: `value.detach()`, `value.data`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "detach":
        node = node.func.value
    elif isinstance(node, ast.Attribute) and node.attr == "data":
        node = node.value
    return isinstance(node, ast.Name)
