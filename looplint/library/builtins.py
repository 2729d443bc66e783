"""Collections and what goes over them: what is put in, what comes out, what is kept from one iteration to the next."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.inlining import Functions
from looplint.interpreter.values import (
    Collection,
    Const,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.knowledge.python_names import HARMLESS, KEEPS, NUMBERS
from looplint.syntax.walk import as_text


class Containers(Functions):
    """Reads calls of collections and of Python's own functions."""

    def _builtin(self, name: str, given: Arguments, node: ast.Call) -> Value:
        if name in NUMBERS:
            number = self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            if name == "len" and any(self.is_like(one, Type.LOADER) for one in objects_in(given.get(0))):
                number.facts |= {"counts batches"}
            return self._counting(number, given.values)
        if name in (
            "list",
            "tuple",
            "set",
            "sorted",
            "reversed",
            "iter",
            "enumerate",
            "zip",
            "filter",
            "map",
            "range",
            "dict",
        ):
            return self._iterator(name, given, node)
        if name == "next":
            value = given.get(0)
            drawn = self.element(value, node) if value is not None else self.derived(node, ())
            for one in objects_in(drawn):
                one.facts |= {"drawn"}
            return drawn
        if name in HARMLESS:
            return self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
        if name in ("sum", "max", "min", "abs", "round", "pow"):
            result = self.derived(node, given.values)
            for one in self.objects([element for value in given.values for element in self._elements(value)]):
                result.facts |= one.facts & {"graded"}
            return self._counting(result, given.values)
        return self.derived(node, given.values)

    def _counting(self, result: AbstractObject, values: Iterable[Value]) -> AbstractObject:
        """What is computed from a number of batches is one."""
        for value in values:
            for one in objects_in(value):
                inner = one.elements() if isinstance(one, Collection) else (one,)
                result.facts |= frozenset(
                    f for part in inner for t in objects_in(part) for f in t.facts & {"counts batches"}
                )
        return result

    def _elements(self, value: Value) -> list[Value]:
        return value.elements() if isinstance(value, Collection) else [value]

    def _iterator(self, name: str, given: Arguments, node: ast.Call) -> Value:
        """Things that go over other things, or collect them."""
        first = given.get(0, "iterable")
        if any("state" in t.facts for t in objects_in(first)) and name == "dict" and first is not None:
            return first
        if name in ("range", "trange", "count"):
            return self.make(node, Type.NUMBER, role="range", constructor="builtins.range", graph=Graph.NO)
        if first is None:
            found = self.collection(node)
            found.mapping = name == "dict"
            if "maxlen" in given.keywords:
                found.facts |= {"bounded"}
            if name == "dict":
                found.items = dict(given.keywords.items())
                found.sources = self.objects(given.keywords.values())
            return found
        if name in ("zip", "enumerate", "map", "product", "chain", "starmap"):
            over = given.args[1:] if name in ("map", "starmap") else given.args
            elements = [self.element(value, node) for value in over]
            stream = self.collection(node, "stream")
            stream.sources = self.objects(over)
            if name == "map":
                result = self._each(first, lambda one: self.call_value(one, Arguments(elements, {}), node))
                stream.more = (result,)
            elif name == "chain":
                stream.more = tuple(elements)
            else:
                pair = self.collection(node, "pair")
                columns = [self.number(node), *elements[:1]] if name == "enumerate" else elements
                pair.items = dict(enumerate(columns))
                pair.sources = self.objects(columns)
                stream.more = (pair,)
            return stream
        if name == "filter":
            return given.args[1] if len(given.args) > 1 else first
        if name in ("list", "tuple", "set", "sorted", "dict") and isinstance(first, Collection):
            copy = self.collection(node)
            copy.items, copy.more, copy.mapping, copy.sources = (
                dict(first.items),
                first.more,
                first.mapping,
                first.sources,
            )
            return copy
        if (
            name in ("list", "tuple", "set", "sorted")
            and isinstance(first, AbstractObject)
            and first.type in (Type.UNKNOWN, Type.TENSOR)
        ):
            copy = self.collection(node)
            copy.more, copy.sources = (self.element(first, node),), (first,)
            return copy
        return first

    def _method_of_collection(self, thing: Collection, name: str, given: Arguments, node: ast.Call) -> Value:
        if name in ("items", "values", "keys", "copy"):
            if name == "values" or name == "copy":
                stream = self.collection(node, "values")
                if name == "copy":
                    stream.items, stream.more, stream.mapping = dict(thing.items), thing.more, thing.mapping
                else:
                    stream.more = tuple(thing.elements())
                stream.sources = (thing, *thing.sources)
                return stream
            if name == "items":
                stream, pair = self.collection(node, "items"), self.collection(node, "pair")
                values = thing.elements()
                pair.items = {0: self.number(node), 1: either(values) if values else self.derived(node, (thing,))}
                pair.sources = self.objects(values)
                stream.more, stream.sources = (pair,), (thing, *thing.sources)
                return stream
            return self.make(node, Type.NUMBER, role="keys", graph=Graph.NO)
        if name in KEEPS:
            return self._kept(thing, given, node, name)
        if name == "get" and given.args:
            return self.item_of(thing, given.args[0], node)
        if name in ("pop", "popleft"):
            return self.element(thing, node)
        if name == "clear":
            self.emit(Kind.EMPTY, (thing,), node, how=name)
        if name in ("clear", "remove", "sort", "reverse", "index", "count"):
            return Const(None)
        return self._unseen(node, [thing, *given.values], given, name=name)

    def _kept(self, thing: AbstractObject, given: Arguments, node: ast.Call, name: str) -> Value:
        """Something is put into a collection."""
        self.effects += 1
        if not given.args and not given.keywords:
            return Const(None)
        if name == "update" and isinstance(thing, Collection) and thing.mapping and self._replaces(thing, given):
            return Const(None)
        value = given.args[-1] if given.args else next(iter(given.keywords.values()))
        position = node.args[-1] if node.args else node
        self.keep(thing, value, node, name, position)
        if isinstance(thing, Collection):
            if name == "update" and isinstance(value, Collection):
                thing.items.update(value.items)
            elif name in ("extend", "update"):
                thing.more = (*thing.more, self.element(value, node))[-12:]
            elif not any(value is one for one in thing.more):
                thing.more = (*thing.more, value)[-12:]
            thing.sources = (
                *thing.sources,
                *(o for o in self.objects((value,)) if not any(o is s for s in thing.sources)),
            )[-24:]
        return Const(None)

    def _replaces(self, thing: Collection, given: Arguments) -> bool:
        """Whether only entries under plain keys are set, in place of those of the time before."""
        entries: dict[object, Value] = dict(given.keywords.items())
        for value in given.args:
            if not isinstance(value, Collection) or not value.mapping or value.more:
                return False
            entries |= value.items
        thing.items.update(entries)
        thing.sources = (*thing.sources, *self.objects(entries.values()))[-24:]
        return True

    def keep(
        self,
        subject: AbstractObject,
        value: Value,
        node: ast.AST,
        how: str,
        expression: ast.AST | None,
        taken: bool = False,
    ) -> None:
        """A value that holds a graph is added to something. `taken`: it replaces an entry that is read before."""
        if "bounded" in subject.facts or self.graph(value) is Graph.NO or (how == "+=" and self.gradients is Graph.NO):
            return
        found = [one for one in objects_in(value) if one.type is not Type.NUMBER]
        found.sort(key=lambda one: one.graph is not Graph.YES)
        if len(found) == 1 and isinstance(found[0], Collection):
            inner = [one for item in found[0].elements() for one in objects_in(item) if self.graph(one) is Graph.YES]
            if inner:
                value = inner[0]
                found = inner[:1]
        # A plain 0 where an option is not given leaves the sum as it is.
        added = [one for one in alternatives(value) if not (isinstance(one, Const) and one.value == 0)]
        certain = len(found) == len(added) and (
            len(added) == len(alternatives(value)) or all(self.graph(one) is Graph.YES for one in added)
        )
        if found and certain:
            self.emit(
                Kind.KEEP,
                (subject,),
                node,
                object=found[0],
                inputs=found,
                how=how,
                options={"value": self._graph_part(expression) if expression is not None else None, "taken": taken},
            )

    def _graph_part(self, expression: ast.AST) -> object:
        """The smallest expression in an added value that holds its graph: what `.item()` is to be put behind."""
        if isinstance(expression, ast.List | ast.Tuple):
            return self._graph_part(expression.elts[0]) if len(expression.elts) == 1 else None
        inner = expression
        while True:
            if isinstance(inner, ast.BinOp):
                with self.silently():
                    sides = [s for s in (inner.left, inner.right) if self.graph(self.evaluate(s)) is not Graph.NO]
                if len(sides) != 1:
                    break
                inner = sides[0]
            elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and len(inner.args) == 1:
                break
            else:
                break
        text = as_text(inner)
        if isinstance(inner, ast.BinOp | ast.UnaryOp | ast.IfExp | ast.Compare | ast.BoolOp):
            text = f"({text})"
        return dataclasses.replace(self.place(inner), text=text) if hasattr(inner, "lineno") else None
