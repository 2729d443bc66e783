"""Streams and collections made of others: `range`, `zip`, `map`, `enumerate`, `list`, `dict` and their like."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import (
    Collection,
    Const,
    Function,
    Partial,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.python_names import (
    APPLIES,
    COLLECTS,
    COMBINES,
    COUNTING,
    LISTS,
)
from looplint.library.part import LibraryPart
from looplint.library.schedules import length
from looplint.syntax.walk import as_text

_CALLS: WeakKeyDictionary[ast.Call, list[ast.Call]] = WeakKeyDictionary()


class Streams(LibraryPart):
    """Calls functions that iterate over their arguments, or collect them."""

    def call(self, name: str, given: Arguments, node: ast.Call) -> Value:
        """The result of the function with that (last) name."""
        first = given.get(0, "iterable")
        if name == "dict" and first is not None and any(Fact.STATE in t.facts for t in objects_in(first)):
            return first
        if name in COUNTING:
            return self._numbers(given, node)
        if first is None:
            return self._empty(name, given, node)
        if name == "map" and any(isinstance(one, Function | Partial) for one in alternatives(first)):
            return self._map(first, given.args[1:], node)
        if name in COMBINES:
            return self._combined(name, first, given, node)
        if name == "filter":
            return given.args[1] if len(given.args) > 1 else first
        if name in COLLECTS and isinstance(first, Collection):
            return self._copied(name, first, node)
        if name in LISTS and isinstance(first, AbstractObject) and first.type in (Type.UNKNOWN, Type.TENSOR):
            copy = self.reader.objects.collection(node)
            copy.more, copy.operands = (self.reader.items.element(first, node),), (first,)
            return copy
        return first

    def _numbers(self, given: Arguments, node: ast.Call) -> Value:
        """Consecutive numbers: with how many there are, and the first one."""
        found = self.reader.objects.make(node, Type.NUMBER, role="range", constructor="builtins.range", graph=Graph.NO)
        found.options = {Option.LENGTH: self._iterations(given, node)}
        if len(given.args) > 1:
            found.options[Option.BEGINS] = self.reader.objects.of(given.args[:1])
        return self.library.builtins.counting(found, given.values)

    def _empty(self, name: str, given: Arguments, node: ast.Call) -> Value:
        """A collection that is made of nothing, or of keywords."""
        found = self.reader.objects.collection(node)
        found.mapping = name == "dict"
        if "maxlen" in given.keywords:
            found.facts |= {Fact.BOUNDED}
        if name == "dict":
            found.items = dict(given.keywords.items())
            found.operands = self.reader.objects.of(given.keywords.values())
        return found

    def _combined(self, name: str, first: Value, given: Arguments, node: ast.Call) -> Value:
        """A stream over the elements of several arguments."""
        over = given.args[1:] if name in APPLIES else given.args
        elements = [self.reader.items.element(value, node) for value in over]
        stream = self.reader.objects.collection(node, "stream")
        stream.operands = self.reader.objects.of(over)
        stream.facts |= frozenset(f for value in over for one in objects_in(value) for f in one.facts & {Fact.FOLDS})
        if name == "map" and len(over) == 1 and (parts := self._mapped(first, over[0], node)):
            stream.items = dict(enumerate(parts))
            stream.operands = self.reader.objects.of(parts)
        elif name == "map":
            result = self.reader.branches.each(first, lambda one: self.reader.call(one, Arguments(elements, {}), node))
            stream.more = (result,)
        elif name == "chain":
            stream.more = tuple(elements)
        elif name == "zip" and (columns := self._columns(given, node)):
            stream.items = dict(enumerate(columns))
            stream.operands = self.reader.objects.of(columns)
        else:
            pair = self.reader.objects.collection(node, "pair")
            columns = [self.reader.objects.number(node), *elements[:1]] if name == "enumerate" else elements
            pair.items = dict(enumerate(columns))
            pair.operands = self.reader.objects.of(columns)
            stream.more = (pair,)
            if name == "zip":
                self._zipped(stream, over, node)
        return stream

    def _zipped(self, stream: Collection, over: Sequence[Value], node: ast.Call) -> None:
        """What is special about pairs: the parameters of one network beside themselves, and names of values."""
        if module := _module_of_both(over, node) or self._paired_with_itself(node):
            written = as_text(node.args[0]).partition(".parameters(")[0]
            self.reader.emit(Kind.READ, (module,), node, how=How.BESIDE_ITSELF, written=written)
        if entries := _entries(over):
            made = self.reader.objects.collection(node, "entries")
            made.mapping, made.items = True, entries
            stream.options = {Option.ENTRIES: made}

    def _copied(self, name: str, first: Collection, node: ast.Call) -> Value:
        """A collection of the elements of another one."""
        named = first.options.get(Option.ENTRIES)
        if name == "dict" and isinstance(named, Collection):
            return named
        copy = self.reader.objects.collection(node)
        copy.items, copy.more = dict(first.items), first.more
        copy.mapping, copy.operands = first.mapping, first.operands
        return copy

    def _iterations(self, given: Arguments, node: ast.Call) -> object:
        """How often a loop over `range(n)`, `range(start, n)` or `range(1, n + 1)` runs, at most; None if not known."""
        if len(node.args) not in (1, 2) or len(node.args) != len(given.args):
            return None
        start, end = given.args[0], node.args[-1]
        if len(node.args) == 1 or not isinstance(end, ast.BinOp):
            return length(given.args[-1])
        with self.reader.flow.silently():
            added = self.reader.evaluate(end.right)
            same = isinstance(start, Const) and isinstance(added, Const) and added.value == start.value
            return length(self.reader.evaluate(end.left)) if isinstance(end.op, ast.Add) and same else None

    def _paired_with_itself(self, node: ast.Call) -> AbstractObject | None:
        """The network that a loop over pairs of networks takes with itself, in `zip(target.parameters(),
        net.parameters())`: of `for net, target in ((critic, critic_target), (actor, actor))`."""
        names = [self._network_named(argument) for argument in node.args]
        if len(names) != 2 or "" in names:
            return None
        for scope in reversed(self.reader.flow.loops):
            targets = [part.strip() for part in scope.target.strip("()").split(",")]
            if isinstance(scope.over, Collection) and set(names) <= set(targets):
                at = [targets.index(name) for name in names]
                for pair in scope.over.elements():
                    taken = [pair.items.get(one) for one in at] if isinstance(pair, Collection) else []
                    if taken and taken[0] is taken[1] and isinstance(taken[0], AbstractObject):
                        return taken[0] if taken[0].type is Type.MODULE else None
        return None

    def _network_named(self, argument: ast.expr) -> str:
        """`net` of `net.parameters()`, by its name in the function that has the loop; empty for anything else."""
        match argument:
            case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr="parameters"), args=[], keywords=[]):
                first = self.reader.names.named_first(name)
                return first[0] if first is not None else ""
        return ""

    def _columns(self, given: Arguments, node: ast.Call) -> list[Value]:
        """What `zip(*rows)` gives: the first of each row, the second of each, and so on. Empty for other calls."""
        rows = alternatives(given.args[0]) if given.open and len(given.args) == len(node.args) == 1 else ()
        tuples = [one for one in rows if isinstance(one, Collection) and not one.more and not one.mapping]
        if not rows or len(tuples) < len(rows) or len({len(one.items) for one in tuples}) > 1:
            return []
        columns: list[Value] = []
        for index in tuples[0].items:
            column = self.reader.objects.collection(node, f"column {index}")
            column.more = tuple(one.items[index] for one in tuples)
            column.operands = self.reader.objects.of(column.more)
            columns.append(column)
        return columns

    def _map(self, function: Value, over: Sequence[Value], node: ast.Call) -> Value:
        """`map(function, iterable)` with a function whose source is known: a loop, like a comprehension."""
        results: list[Value] = []

        def body() -> None:
            elements = [self.reader.items.element(value, node) for value in over]
            results.append(
                self.reader.branches.each(function, lambda one: self.reader.call(one, Arguments(elements, {}), node))
            )

        source = next((one for value in over for one in objects_in(value)), None)
        self.reader.loops.repeat("comprehension", node, source, body, endless=False)
        stream = self.reader.objects.collection(node, "stream")
        stream.operands = self.reader.objects.of(over)
        stream.more = tuple(results[-1:])
        return stream

    def _mapped(self, function: Value, over: Value, node: ast.Call) -> list[Value]:
        """What `map(torch.stack, zip(*rows))` gives: one result for each column. Empty where there are no columns."""
        if not isinstance(over, Collection) or over.more or over.mapping:
            return []
        # Each result has a call of its own, as it would have if the calls were written out.
        calls = _CALLS.setdefault(node, [])
        while len(calls) < len(over.items):
            calls.append(ast.copy_location(ast.Call(node.args[0], node.args[1:], []), node))
        return [
            self.reader.call(function, Arguments([column], {}), call)
            for column, call in zip(over.elements(), calls, strict=False)
        ]


def _entries(columns: Sequence[Value]) -> dict[object, Value]:
    """The entries of a dict of names and values: `dict(zip(["train", "val"], parts))`."""
    if len(columns) != 2 or not all(isinstance(one, Collection) and one.items and not one.more for one in columns):
        return {}
    names, values = (one.elements() for one in columns if isinstance(one, Collection))
    keys = [one.value for one in names if isinstance(one, Const) and isinstance(one.value, str)]
    return dict(zip(keys, values, strict=True)) if len(keys) == len(names) == len(values) else {}


def _module_of_both(columns: Sequence[Value], node: ast.Call) -> AbstractObject | None:
    """The module of `zip(target.parameters(), model.parameters())`, where both names stand for one."""
    if len(columns) != 2 or len(node.args) != 2 or as_text(node.args[0]) == as_text(node.args[1]):
        return None
    owners = [
        one.operands
        for one, argument in zip(columns, node.args, strict=True)
        if isinstance(one, AbstractObject)
        and one.type is Type.PARAMETERS
        and as_text(argument).endswith(".parameters()")
    ]
    return owners[0][0] if len(owners) == 2 and len(owners[0]) == 1 and owners[0] == owners[1] else None
