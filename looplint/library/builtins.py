"""Python's built-in functions, but for those that iterate."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import MEANS, value_facts
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Instance,
    Symbol,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.criteria import TORCH_CRITERION
from looplint.knowledge.members import COUNTED_PARTS
from looplint.knowledge.parameters import ALL_TENSORS, TENSOR_CLASSES
from looplint.knowledge.python_names import (
    COMPUTES,
    HARMLESS,
    ITERATES,
    NUMBERS,
    ONE_NUMBER,
)
from looplint.library.part import LibraryPart
from looplint.library.shape_rules import SCALAR


def makes_batches(loader: AbstractObject) -> bool:
    """Whether the batches of a loader have several samples, as far as is known. Without a batch size it yields the
    items of its dataset unchanged."""
    if not loader.certain:
        return True
    if loader.options.get("batch_size", 1) is None:
        return False
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
            return self.library.streams.call(name, given, node)
        if name == "next":
            self.reader.iterators.advance(node)
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
            elements = [element for value in given.values for element in self._elements(value)]
            for one in self.reader.objects.of(elements):
                result.facts |= one.facts & {Fact.GRADED}
            result.facts |= frozenset.intersection(*map(value_facts, elements)) if elements else frozenset()
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
        # Of a list that is made of something else, a loop names that. Its own comprehension does not go over the list.
        whole = self.reader.loops.iterable(dataset)
        loops = [scope for scope in self.reader.flow.loop.iterations if scope.kind != "comprehension"]
        return any(scope.over is dataset or scope.over is whole for scope in loops)

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

    def rules_out_tensors(self, asked: Value, holds: bool) -> bool:
        """Whether an object is no tensor that is an instance of these classes or, if not `holds`, of none of them."""
        classes = asked.elements() if isinstance(asked, Collection) else [asked]
        known = bool(classes) and all(isinstance(one, Symbol | Class) for one in classes)
        tensors = any(isinstance(one, Symbol) and one.dotted in TENSOR_CLASSES | ALL_TENSORS for one in classes)
        return known and not tensors if holds else tensors

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

    def _elements(self, value: Value) -> list[Value]:
        return value.elements() if isinstance(value, Collection) else [value]
