"""The abstract objects of one evaluation, identified by allocation site, and whether they hold a graph."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Graph, Type
from looplint.interpreter.part import Part
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import Collection, Const, Either, Instance, Value, objects_in

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader

NESTED = 4
"""Depth of nested collections that is searched: they may contain themselves."""

SOURCES = 256
"""Operands that are recorded for one object; further ones are ignored."""

VIEWED = 50
"""Objects that a tensor may be a view of, nearest first; what it derives from beyond them is not changed with it."""

_NO_SOURCE = frozenset((Type.NUMBER, Type.OTHER))

_NO_GRAPH = frozenset(
    (Type.NUMBER, Type.OTHER, Type.MODULE, Type.OPTIMIZER, Type.PARAMETERS, Type.LOADER, Type.SCHEDULER)
)

_MAY_BE_VIEWS = frozenset((Type.TENSOR, Type.UNKNOWN, Type.COLLECTION))
"""Types of objects that may share their memory with what they were made of."""

MODULE_METHODS = frozenset(("named_parameters", "named_modules", "modules", "named_children", "register_forward_hook"))
"""Methods that, together with `.forward`, only a torch module has."""

MODEL_METHODS = frozenset(("parameters", "state_dict", "load_state_dict", "eval", "train", "zero_grad"))
"""Methods that a plain class which holds networks has as well: an agent, a controller."""

VALUES_KEPT: frozenset[Fact] = frozenset(
    (Fact.SOFTMAX, Fact.SIGMOID, Fact.LINEAR_OUTPUT, Fact.GRADED, Fact.SCALED, Fact.STATE)
)
"""Facts about a tensor's values that its parts share."""


MEANS: frozenset[Fact] = frozenset((Fact.BATCH_MEAN, Fact.SUM_OF_MEANS, Fact.RESIZED))
"""Facts about a loss that its value without a graph shares."""


def changed_in_place(tensor: AbstractObject) -> None:
    """Forget what its values are, and those of the tensors that it may be a view of."""
    if Fact.OUTPUT in tensor.facts:
        tensor.facts |= {Fact.REWRITTEN}
    for one in itertools.islice(tensor.ancestry(), VIEWED):
        # Of a layer, the fact is about all that it returns.
        if Fact.LINEAR_OUTPUT in one.facts and one.type in _MAY_BE_VIEWS:
            one.facts -= {Fact.LINEAR_OUTPUT}


class Objects(Part):
    """Creates abstract objects."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._made: dict[tuple[int, int, str], AbstractObject] = {}

    def thing(
        self, node: object, role: str = "", *, kind: type[AbstractObject] = AbstractObject, shared: bool = False
    ) -> tuple[AbstractObject, bool]:
        """The object that this node creates in this call chain, and whether it is new: the same code creates the same
        object, however often it is evaluated."""
        key = (0 if shared else self.reader.now.chain, id(node), role)
        found = self._made.get(key)
        if found is not None and isinstance(found, kind):
            if not self.reader.flow.silent:
                found.loops = self.reader.flow.loops
            return found, False
        made = kind(loops=self.reader.flow.loops)
        self._made[key] = made
        return made, True

    def make(
        self,
        node: ast.AST | AbstractObject,
        type: Type = Type.UNKNOWN,
        *,
        role: str = "",
        constructor: str = "",
        certain: bool = False,
        operands: Iterable[Value] = (),
        graph: Graph = Graph.UNKNOWN,
        name: str = "",
        facts: Iterable[Fact] = (),
        options: dict[str, object] | None = None,
    ) -> AbstractObject:
        """The object created by the code at `node`, or the part of an object."""
        thing, new = self.thing(node, role)
        if new:
            thing.type, thing.certain, thing.name = type, certain, name
            thing.place = self.reader.now.place(node) if isinstance(node, ast.AST) and hasattr(node, "lineno") else None
            thing.options = options or {}
            thing.facts = frozenset(facts)
            self.constructed(thing, constructor)
        thing.operands = self.of(operands) if new else _joined(thing.operands, self.of(operands))
        thing.graph = graph
        thing.shape = None
        return thing

    def constructed(self, thing: AbstractObject, constructor: str) -> None:
        """Note the callee that created an object, and what its name says."""
        thing.constructor = constructor
        if constructor:
            thing.facts |= self.reader.tables.facts_of(constructor)

    def number(self, node: ast.AST) -> AbstractObject:
        """A plain number that is computed at this node."""
        return self.make(node, Type.NUMBER, role="number", graph=Graph.NO, certain=True)

    def derived(
        self, node: ast.AST | AbstractObject, operands: Iterable[Value], *, constructor: str = "", role: str = "derived"
    ) -> AbstractObject:
        """A value computed from others: it holds a graph if an operand does and gradients are recorded."""
        values = list(operands)
        graph = self.graph_of(values)
        kind = Type.TENSOR if graph is Graph.YES else Type.UNKNOWN
        return self.make(node, kind, role=role, constructor=constructor, operands=values, graph=graph)

    def external(
        self, node: object, name: str, role: str = "", *, owner: AbstractObject | None = None
    ) -> AbstractObject:
        """An external object: a parameter, an attribute, a global."""
        thing, new = self.thing(node, role or f"given {name}", shared=True)
        if new:
            thing.name, thing.external, thing.owner = name, True, owner
        thing.loops = ()
        return thing

    def collection(self, node: ast.AST, role: str = "collection") -> Collection:
        """The (empty) collection created by the code at `node`."""
        found, _ = self.thing(node, role, kind=Collection)
        assert isinstance(found, Collection)
        found.type, found.certain, found.graph = Type.COLLECTION, True, Graph.UNKNOWN
        found.items, found.more, found.operands = {}, (), ()
        found.place = found.place or (self.reader.now.place(node) if hasattr(node, "lineno") else None)
        return found

    def of(self, values: Iterable[Value]) -> tuple[AbstractObject, ...]:
        """The objects among values that count as operands."""
        found: dict[AbstractObject, None] = {}
        for value in values:
            for thing in objects_in(value):
                if thing.type not in _NO_SOURCE:
                    found[thing] = None
        return tuple(found)[:SOURCES]

    def graph_of(self, values: Iterable[Value]) -> Graph:
        """The graph of a result computed from these values."""
        if self.reader.now.gradients is Graph.NO:
            return Graph.NO
        values = list(values)
        found = {self.graph(value) for value in values}
        if any(isinstance(value, AbstractObject) and Fact.RECORDED in value.facts for value in values):
            return Graph.YES
        if Graph.YES in found or any(map(_is_trained, values)):
            return self.reader.now.gradients
        return Graph.UNKNOWN if Graph.UNKNOWN in found else Graph.NO

    def graph(self, value: Value) -> Graph:
        """The graph of a value; one that holds it only on some paths is unknown."""
        return _graph(value, 0, {})

    def is_like(self, thing: AbstractObject, *types: Type) -> bool:
        """Whether an object has one of these types, as far as known, or else by its name."""
        if thing.type is not Type.UNKNOWN:
            return thing.type in types
        return hint(thing.name) in types

    def module_by_use(self, name: str, *, plain: bool = True) -> bool:
        """Whether the file uses this name as a torch module is used. `plain`: also if its name suggests no module and a
        plain class that holds networks may be used so."""
        uses = self.reader.now.module.uses.get(name.rpartition(".")[2], set())
        return not uses.isdisjoint(
            MODULE_METHODS | MODEL_METHODS if plain or hint(name) is Type.MODULE else MODULE_METHODS
        )

    def note_added_number(self, total: AbstractObject, *summands: Value) -> None:
        """Note of a sum with a graph whether one summand is only the number of another loss: `loss + other.item()`; to
        a loss that a criterion made, the number of any result."""
        parts = [list(objects_in(value)) for value in summands]
        graded = any(Fact.GRADED in one.facts and one.graph is Graph.YES for part in parts for one in part)
        numbers = [bool(part) and all(_is_number_of(one, graded) for one in part) for part in parts]
        others = [value for value, number in zip(summands, numbers, strict=True) if not number]
        if any(numbers) and any(self.graph(value) is not Graph.NO for value in others):
            total.facts |= {Fact.NUMBER_ADDED}
        total.facts |= {fact for part in parts for one in part for fact in one.facts & {Fact.NUMBER_ADDED}}

    def flat(self, subjects: tuple[AbstractObject, ...]) -> tuple[AbstractObject, ...]:
        """These objects, the elements of collections among them, and the tensors that records were made of."""
        flat: list[AbstractObject] = []
        for one in subjects:
            if isinstance(one, Collection):
                flat.extend(self.of(one.elements()))
            elif isinstance(one, Instance) and one.type is Type.UNKNOWN:
                flat.extend(part for part in one.operands if part.type is Type.TENSOR)
            flat.append(one)
        return tuple(flat)


def _graph(value: Value, depth: int, found: dict[tuple[int, int], Graph]) -> Graph:
    """The graph of a value at this depth of nested collections. `found`: the graphs of collections by identity and
    depth, since collections of an imprecise evaluation hold each other many times."""
    if isinstance(value, Either):
        of_each = {_graph(one, depth, found) for one in value.values}
        return of_each.pop() if len(of_each) == 1 else Graph.UNKNOWN
    if isinstance(value, Collection):
        if depth > NESTED:
            return Graph.UNKNOWN
        key = id(value), depth
        if key not in found:
            found[key] = _graph_of_elements(value, depth, found)
        return found[key]
    if isinstance(value, AbstractObject):
        return Graph.NO if value.type in _NO_GRAPH else value.graph
    return Graph.NO if isinstance(value, Const) else Graph.UNKNOWN


def _graph_of_elements(value: Collection, depth: int, found: dict[tuple[int, int], Graph]) -> Graph:
    whole = Graph.NO
    for item in value.elements():
        one = _graph(item, depth + 1, found)
        if one is Graph.YES:
            return one
        whole = Graph.UNKNOWN if one is Graph.UNKNOWN else whole
    return whole


def value_facts(value: Value) -> frozenset[Fact]:
    """Of a number, whether it is that of a loss, or of a result with a graph; what each alternative is."""
    of_each = [one.facts & {Fact.LOSS_VALUE, Fact.RESULT_VALUE} for one in objects_in(value) if one.graph is Graph.NO]
    return frozenset.intersection(*of_each) if of_each else frozenset()


def _is_number_of(thing: AbstractObject, any_result: bool) -> bool:
    """Whether it is only the number of a loss, or of `any_result` that has a graph."""
    kept = {Fact.LOSS_VALUE, Fact.RESULT_VALUE} if any_result else {Fact.LOSS_VALUE}
    return thing.graph is Graph.NO and not thing.facts.isdisjoint(kept)


def _is_trained(value: Value) -> bool:
    """Whether a value is a trainable parameter: what is computed from it holds a graph."""
    return isinstance(value, AbstractObject) and value.type is Type.PARAMETERS and Fact.TRAINED in value.facts


def cut_off(thing: AbstractObject) -> frozenset[Fact]:
    """The facts of values extracted from an object without its graph: that they had one."""
    had = thing.graph is Graph.YES and thing.type in (Type.TENSOR, Type.UNKNOWN)
    return frozenset((Fact.CUT_OFF,)) if had else thing.facts & {Fact.CUT_OFF}


def _joined(old: tuple[AbstractObject, ...], new: tuple[AbstractObject, ...]) -> tuple[AbstractObject, ...]:
    if new == old:
        return old
    extra = tuple(thing for thing in new if thing not in old)
    return old + extra if extra else old
