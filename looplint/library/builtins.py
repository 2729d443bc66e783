"""Python's built-in functions, and functions that iterate."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import MEANS
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Instance,
    Partial,
    Symbol,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.criteria import TORCH_CRITERION
from looplint.knowledge.members import COUNTED_PARTS
from looplint.knowledge.parameters import ALL_TENSORS, TENSOR_CLASSES
from looplint.knowledge.python_names import (
    APPLIES,
    COLLECTS,
    COMBINES,
    COMPUTES,
    COUNTING,
    HARMLESS,
    ITERATES,
    LISTS,
    NUMBERS,
    ONE_NUMBER,
)
from looplint.library.part import LibraryPart
from looplint.library.schedules import length
from looplint.library.shape_rules import SCALAR
from looplint.syntax.walk import as_text

_CALLS: WeakKeyDictionary[ast.Call, list[ast.Call]] = WeakKeyDictionary()


def makes_batches(loader: AbstractObject) -> bool:
    """Whether the batches of a loader have several samples, for all that is known."""
    if not loader.certain:
        return True
    size = loader.options.get("batch_size", loader.options.get("1", None if "batch_sampler" in loader.options else 1))
    return size != 1


class Builtins(LibraryPart):
    """Calls built-in functions."""

    def call(self, name: str, given: Arguments, node: ast.Call) -> Value:
        """The result of a built-in function."""
        if name in NUMBERS:
            number = self.reader.objects.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            if name == "len" and any(map(self._makes_batches, objects_in(given.get(0)))):
                number.facts |= {Fact.COUNTS_BATCHES}
            first = given.get(0)
            if name == "len":
                # Which loops there are is known in the final evaluation only.
                number.facts = number.facts - {Fact.COUNTS_SAMPLES} | self._counted(first) | self.means_listed(first)
            if name == "float":
                number.facts |= frozenset(fact for one in objects_in(first) for fact in one.facts & MEANS)
            if name in ONE_NUMBER:
                number.shape = SCALAR
            return self.counting(number, given.values)
        if name in ITERATES:
            return self.iterator(name, given, node)
        if name == "next":
            value = given.get(0)
            drawn = (
                self.reader.items.element(value, node) if value is not None else self.reader.objects.derived(node, ())
            )
            for one in objects_in(drawn):
                one.facts |= {Fact.DRAWN}
            return drawn
        if name == "isinstance" and len(given.args) == 2:
            verdicts = {self.is_instance(one, given.args[1]) for one in alternatives(given.args[0])}
            if len(verdicts) == 1 and (known := verdicts.pop()) is not None:
                return Const(known, argument=True)
        if name in HARMLESS:
            return self.reader.objects.make(node, Type.NUMBER, role="number", graph=Graph.NO)
        if name in COMPUTES:
            result = self.reader.objects.derived(node, given.values)
            for one in self.reader.objects.of([element for value in given.values for element in self._elements(value)]):
                result.facts |= one.facts & {Fact.GRADED}
            if name == "sum" and self.means_listed(given.get(0)):
                result.facts |= {Fact.SUM_OF_MEANS, Fact.BATCH_MEAN}
            return self.counting(result, given.values)
        result = self.reader.objects.derived(node, given.values)
        if name == "getattr":
            result.facts |= {Fact.SOME_ATTRIBUTE}
        return result

    def _makes_batches(self, thing: AbstractObject) -> bool:
        """Whether it is a loader, or a list of batches that is called one."""
        listed = isinstance(thing, Collection) and hint(thing.name) is Type.LOADER
        return listed or self.reader.objects.is_like(thing, Type.LOADER)

    def _counted(self, whole: Value | None) -> frozenset[Fact]:
        """What `len` counts: samples of which batches are made, or batches of which none is smaller."""
        found: set[Fact] = set()
        for one in objects_in(whole):
            of = one.owner or next(iter(one.operands), None)
            part = one.name.rpartition(".")[2] in COUNTED_PARTS
            if of is not None and part and self.reader.objects.is_like(of, Type.LOADER) and makes_batches(of):
                found.add(Fact.COUNTS_SAMPLES)
            if one.facts & {Fact.IN_BATCHES} and not self._is_iterated(one):
                found.add(Fact.COUNTS_SAMPLES)
            if one.options.get("drop_last") is True:
                found.add(Fact.EQUAL_BATCHES)
        return frozenset(found)

    def means_listed(self, value: Value | None) -> frozenset[Fact]:
        """Of a list that gets the mean of each batch of a loader, the facts of its length: a number of batches."""
        found: set[Fact] = set()
        for one in objects_in(value) if value is not None else ():
            if not isinstance(one, Collection) or one.mapping:
                return frozenset()
            for mean in (part for element in one.elements() for part in objects_in(element)):
                inner = next((s for s in reversed(mean.loops) if not s.is_call), None)
                over = inner.over if inner is not None and inner not in one.loops else None
                if Fact.BATCH_MEAN not in mean.facts or over is None or not self._makes_batches(over):
                    return frozenset()
                found |= {Fact.COUNTS_BATCHES}
                found |= {Fact.EQUAL_BATCHES} if over.options.get("drop_last") is True else set()
        return frozenset(found)

    def list_averaged(self, value: Value, node: ast.AST) -> None:
        """The mean of a list is taken: of the means of batches it is one that counts each batch once."""
        if counted := self.means_listed(value):
            count = self.reader.objects.make(node, Type.NUMBER, role="count", graph=Graph.NO)
            count.facts |= counted
            self.reader.emit(Kind.AVERAGE, list(objects_in(value))[:1], node, object=count)

    def _is_iterated(self, dataset: AbstractObject) -> bool:
        """Whether a loop is over a dataset itself, each of whose items may be a batch."""
        return any(scope.over is dataset for scope in self.reader.flow.loop.iterations)

    def is_instance(self, value: Value, asked: Value) -> bool | None:
        """What `isinstance` returns of an object of a known class, a module, a tensor or a criterion of torch; None if
        unknown."""
        if isinstance(value, Instance) and value.cls is not None and isinstance(asked, Class):
            return True if asked in self.reader.classes.lineage(value.cls) else None
        if not isinstance(value, AbstractObject) or not isinstance(asked, Symbol):
            return None
        if value.type is Type.MODULE and value.certain and asked.dotted in TENSOR_CLASSES:
            return False
        if asked.dotted in ALL_TENSORS:
            return True if value.graph is Graph.YES and value.type in (Type.TENSOR, Type.UNKNOWN) else None
        classes = [TORCH_CRITERION.match(one) for one in (value.constructor, asked.dotted)]
        if value.type is Type.CRITERION and value.certain and classes[0] and classes[1]:
            return classes[0][1] == classes[1][1]
        return None

    def counting(self, result: AbstractObject, values: Iterable[Value]) -> AbstractObject:
        """A value computed from a number of batches is one, too."""
        for value in values:
            for one in objects_in(value):
                inner = one.elements() if isinstance(one, Collection) else (one,)
                result.facts |= frozenset(
                    f
                    for part in inner
                    for t in objects_in(part)
                    for f in t.facts & {Fact.COUNTS_BATCHES, Fact.COUNTS_UPDATES, Fact.COUNTS_SAMPLES}
                )
        return result

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

    def _elements(self, value: Value) -> list[Value]:
        return value.elements() if isinstance(value, Collection) else [value]

    def iterator(self, name: str, given: Arguments, node: ast.Call) -> Value:
        """Functions that iterate over their arguments, or collect them."""
        first = given.get(0, "iterable")
        if any(Fact.STATE in t.facts for t in objects_in(first)) and name == "dict" and first is not None:
            return first
        if name in COUNTING:
            found = self.reader.objects.make(
                node, Type.NUMBER, role="range", constructor="builtins.range", graph=Graph.NO
            )
            found.options = {Option.LENGTH: self._iterations(given, node)}
            if len(given.args) > 1:
                found.options[Option.BEGINS] = self.reader.objects.of(given.args[:1])
            return self.counting(found, given.values)
        if first is None:
            found = self.reader.objects.collection(node)
            found.mapping = name == "dict"
            if "maxlen" in given.keywords:
                found.facts |= {Fact.BOUNDED}
            if name == "dict":
                found.items = dict(given.keywords.items())
                found.operands = self.reader.objects.of(given.keywords.values())
            return found
        if name in COMBINES:
            over = given.args[1:] if name in APPLIES else given.args
            if name == "map" and any(isinstance(one, Function | Partial) for one in alternatives(first)):
                return self._map(first, over, node)
            elements = [self.reader.items.element(value, node) for value in over]
            stream = self.reader.objects.collection(node, "stream")
            stream.operands = self.reader.objects.of(over)
            stream.facts |= frozenset(
                f for value in over for one in objects_in(value) for f in one.facts & {Fact.FOLDS}
            )
            if name == "map" and len(over) == 1 and (parts := self._mapped(first, over[0], node)):
                stream.items = dict(enumerate(parts))
                stream.operands = self.reader.objects.of(parts)
            elif name == "map":
                result = self.reader.branches.each(
                    first, lambda one: self.reader.call(one, Arguments(elements, {}), node)
                )
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
                if name == "zip" and (module := _module_of_both(over, node) or self._paired_with_itself(node)):
                    written = as_text(node.args[0]).partition(".parameters(")[0]
                    self.reader.emit(Kind.READ, (module,), node, how=How.BESIDE_ITSELF, written=written)
                if entries := _entries(over) if name == "zip" else {}:
                    made = self.reader.objects.collection(node, "entries")
                    made.mapping, made.items = True, entries
                    stream.options = {Option.ENTRIES: made}
            return stream
        if name == "filter":
            return given.args[1] if len(given.args) > 1 else first
        if name in COLLECTS and isinstance(first, Collection):
            named = first.options.get(Option.ENTRIES)
            if name == "dict" and isinstance(named, Collection):
                return named
            copy = self.reader.objects.collection(node)
            copy.items, copy.more, copy.mapping, copy.operands = (
                dict(first.items),
                first.more,
                first.mapping,
                first.operands,
            )
            return copy
        if name in LISTS and isinstance(first, AbstractObject) and first.type in (Type.UNKNOWN, Type.TENSOR):
            copy = self.reader.objects.collection(node)
            copy.more, copy.operands = (self.reader.items.element(first, node),), (first,)
            return copy
        return first


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
