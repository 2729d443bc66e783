"""Expressions: what each one stands for, in the order in which Python evaluates its parts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from looplint.events import AbstractObject, Graph, Guard, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.conditions import guards_of
from looplint.interpreter.names import Objects
from looplint.interpreter.reader import cut_off
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Either,
    Function,
    Instance,
    Member,
    Method,
    Symbol,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.knowledge.effect import Effect
from looplint.knowledge.layers import PARAMETER_LISTS
from looplint.knowledge.torch import METHODS, NO_LAYER, PLAIN_ATTRIBUTES, SHARED, ZOOS
from looplint.syntax.walk import children, nodes


class Expressions(Objects):
    """Reads expressions."""

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression; what happens in it is added to the graph."""
        self.budget -= 1
        self.work += 1
        handler = _HANDLERS.get(type(node))
        if handler is None:
            for child in children(node):
                if isinstance(child, ast.expr):
                    self.evaluate(child)
            return self.make(node, role="other")
        return handler(self, node)

    def evaluate_all(self, nodes: Iterable[ast.expr | None]) -> list[Value]:
        return [self.evaluate(node) for node in nodes if node is not None]

    def _constant(self, node: ast.Constant) -> Value:
        return Const(node.value)

    def _name(self, node: ast.Name) -> Value:
        value = self.lookup(node.id, node)
        if self.flow.loops and not self.flow.silent:
            self._carried_on(node.id, value)
        return value

    def _carried_on(self, name: str, value: Value) -> None:
        """Note results that a name may still stand for in the pass of a loop that comes after the one that made them:
        what a pass binds it to is joined, at the head of the loop, with what it stood for before."""
        results = [t for t in objects_in(value) if t.graph is not Graph.NO and t.type in (Type.TENSOR, Type.UNKNOWN)]
        bound = self.bound_at(name)[1] if results else -1
        for index in self.flow.loops:
            if self.loop.iterations[index].head == bound:
                for thing in results:
                    thing.facts |= {f"carried on {index}"}

    def _attribute(self, node: ast.Attribute) -> Value:
        return self.attribute_of(self.evaluate(node.value), node.attr, node)

    def attribute_of(self, base: Value, name: str, node: ast.expr) -> Value:
        if isinstance(base, Either):
            return either(self.attribute_of(one, name, node) for one in base.values)
        if not isinstance(base, AbstractObject):
            return self.named_attribute(base, name, node)
        value = self.stored(base, name)
        if value is not None:
            return value
        if isinstance(base, Collection):
            return Method(base, name)
        if isinstance(base, Instance) and base.cls is not None:
            found = self.instance_attribute(base, name, node)
            if found is not None:
                return found
        return self._attribute_of_thing(base, name, node)

    def _attribute_of_thing(self, base: AbstractObject, name: str, node: ast.expr) -> Value:
        if name in PLAIN_ATTRIBUTES or base.type is Type.NUMBER:
            plain = self.number(node)
            if name == "training" and base.type is not Type.NUMBER:
                plain.facts |= {"training flag"}
            return plain
        if name == "data" and "grad" in base.facts:
            return base
        if name in ("data", "detach"):
            cut = frozenset(("detached",)) | cut_off(base)
            return self.make(node, Type.TENSOR, role="data", sources=(base,), graph=Graph.NO, facts=cut)
        if name == "grad":
            self.emit(Kind.READ, (base,), node, how="grad")
            return self.make(node, Type.TENSOR, role="grad", sources=(base,), graph=Graph.NO, facts=("grad",))
        if name == "param_groups":
            return self.make(node, Type.PARAMETERS, role="groups", sources=(base,), graph=Graph.NO)
        if name in METHODS.get(base.type, ()) or name == "state_dict":
            return Method(base, name)
        if name == "module" and base.constructor in SHARED and base.sources:
            return base.sources[0]
        if base.type is not Type.MODULE and (base.type is Type.TENSOR or base.graph is not Graph.UNKNOWN):
            part = self.derived(node, (base,), role=f"attribute {name}")
            part.name = name
            return part
        return self.part(base, name)

    def part(self, owner: AbstractObject, name: str) -> AbstractObject:
        """An attribute of an object that nothing more is known of: always the same one."""
        part = self.given(owner, f"{owner.name}.{name}" if owner.name else name, f"part {name}")
        if part.owner is None and part is not owner:
            part.owner = owner
            if owner.type is Type.MODULE and owner.certain:
                if name in ("weight", "bias"):
                    part.type, part.certain, part.sources = Type.PARAMETERS, True, (owner,)
                elif (
                    owner.constructor.startswith(ZOOS) and not isinstance(owner, Instance) and not NO_LAYER.search(name)
                ):
                    part.type, part.certain, part.constructor = Type.MODULE, True, owner.constructor
        return part

    def _subscript(self, node: ast.Subscript) -> Value:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "data" and _is_key(node.slice):
            owner = self.evaluate(node.value.value)
            base = either(self._data_with_keys(one, node.value) for one in alternatives(owner))
        else:
            base = self.evaluate(node.value)
        index = self.evaluate(node.slice)
        return either(self.item_of(one, index, node) for one in alternatives(base))

    def _data_with_keys(self, owner: Value, node: ast.Attribute) -> Value:
        """`graph.nodes["user"].data`: what has entries with names is not the `data` of a tensor."""
        plain = isinstance(owner, AbstractObject) and not isinstance(owner, Instance | Collection)
        if plain and isinstance(owner, AbstractObject) and self.stored(owner, "data") is None:
            return self.part(owner, "data")
        return self.attribute_of(owner, "data", node)

    def item_of(self, base: Value, index: Value, node: ast.expr) -> Value:
        """`base[index]`."""
        if isinstance(base, Collection):
            if isinstance(index, Const) and not isinstance(index.value, list | dict | set):
                if index.value in base.items:
                    return self._entry_named(base, index.value)
                if isinstance(index.value, int) and not base.mapping and not base.more:
                    position = index.value + len(base.items)
                    if index.value < 0 <= position:
                        return base.items.get(position, self.element(base, node))
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
                return base
            if base.mapping:
                # Any of the values; going over a mapping gives its keys.
                return either(base.elements()) if base.elements() else self.derived(node, (base,), role="item")
            return self.element(base, node)
        if isinstance(base, AbstractObject):
            if base.type is Type.NUMBER:
                return self.number(node)
            if base.type is not Type.MODULE and (base.type is Type.TENSOR or base.graph is not Graph.UNKNOWN):
                item = self.derived(node, (base, index), role="item")
                item.constructor = base.constructor
                item.facts |= base.facts & VALUES_KEPT
                item.options = base.options
                return item
            if isinstance(index, Const) or base.type is Type.MODULE:
                part = self.part(base, f"[{index.value!r}]" if isinstance(index, Const) else "[...]")
                if base.type is Type.MODULE and part.type is Type.UNKNOWN:
                    part.type, part.certain = Type.MODULE, base.certain
                if base.constructor in PARAMETER_LISTS:
                    part.type = Type.PARAMETERS
                return part
            return self.element(base, node)
        if isinstance(base, Symbol):
            return base
        return self.make(node, role="item", sources=(base,))

    def _entry_named(self, collection: Collection, key: object) -> Value:
        """An entry of a collection; one that is not known is called by its key until it has a name."""
        value = collection.items[key]
        if isinstance(value, AbstractObject) and value.type is Type.UNKNOWN and collection.name:
            value.name = value.name or f"{collection.name}[{key!r}]"
        return value

    def element(self, collection: Value, node: object) -> Value:
        """What a loop over the value binds, any one of its elements."""
        if isinstance(collection, Either):
            return either(self.element(one, node) for one in collection.values)
        if isinstance(collection, Collection):
            if collection.mapping:
                return (
                    either(Const(key) for key in collection.items)
                    if collection.items
                    else self.given(collection, "key")
                )
            found = collection.elements()
            if found:
                return either(found)
        if isinstance(collection, AbstractObject):
            if collection.type is Type.NUMBER:
                counter = self.given(node, "", "number element")
                counter.facts |= {"counter"}
                return counter
            element = self.given(collection, f"{collection.name}[...]" if collection.name else "", "element")
            if not element.sources:
                element.sources = (collection,)
                element.constructor = collection.constructor if collection.type is Type.MODULE else ""
                element.graph = Graph.NO if collection.type in (Type.LOADER, Type.PARAMETERS) else collection.graph
                if collection.type in (Type.MODULE, Type.PARAMETERS, Type.OPTIMIZER):
                    element.type = collection.type
                    element.certain = collection.certain
                if collection.constructor in PARAMETER_LISTS:
                    element.type = Type.PARAMETERS
            return element
        return self.given(node, "", "element")

    def _collection(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        values = [self.evaluate(item.value if isinstance(item, ast.Starred) else item) for item in node.elts]
        found = self.collection(node)
        if any(isinstance(item, ast.Starred) for item in node.elts):
            found.items = {}
            found.more = tuple(
                self.element(value, item) if isinstance(item, ast.Starred) else value
                for item, value in zip(node.elts, values, strict=True)
            )
        else:
            found.items = dict(enumerate(values))
        found.sources = self.objects(values)
        return found

    def collection(self, node: ast.AST, role: str = "collection") -> Collection:
        """The (emptied) collection that the code at `node` makes."""
        found, _ = self.thing(node, role, kind=Collection)
        assert isinstance(found, Collection)
        found.type, found.certain, found.graph = Type.COLLECTION, True, Graph.UNKNOWN
        found.items, found.more, found.sources = {}, (), ()
        found.place = found.place or (self.place(node) if hasattr(node, "lineno") else None)
        return found

    def _dict(self, node: ast.Dict) -> Value:
        found = self.collection(node)
        found.mapping = True
        for key, value in zip(node.keys, node.values, strict=True):
            item = self.evaluate(value)
            name = self.evaluate(key) if key is not None else None
            for one in alternatives(item):
                if isinstance(one, Method) and one.name == "state_dict":
                    self.uncalled[id(item)] = one, value
            if isinstance(name, Const) and not isinstance(name.value, list):
                found.items[name.value] = item
            elif key is None and isinstance(item, Collection) and item.mapping:
                found.items.update(item.items)
            else:
                found.more = (*found.more, item)
            found.sources = (*found.sources, *self.objects((item,)))
        return found

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(left, Const) and isinstance(right, Const):
            return self.number(node)
        if isinstance(left, Const) and isinstance(left.value, str):
            return self.number(node)
        if isinstance(left, Collection) and isinstance(right, Collection) and isinstance(node.op, ast.Add):
            joined = self.collection(node)
            joined.more = (*left.elements(), *right.elements())
            joined.sources = (*left.sources, *right.sources)
            return joined
        if isinstance(left, Collection) and isinstance(node.op, ast.Mult):
            return left
        value = self.derived(node, (left, right))
        for side in (left, right):
            for thing in objects_in(side):
                if thing.type is Type.TENSOR and value.type is Type.UNKNOWN:
                    value.type = Type.TENSOR
                value.facts |= thing.facts & {"graded", "scaled", "counts batches", "cut off"}
        return value

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.evaluate(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int | float):
            return Const(-value.value)
        if isinstance(node.op, ast.Not):
            return Const(not value.value, value.argument) if isinstance(value, Const) else self.number(node)
        result = self.derived(node, (value,))
        for thing in objects_in(value):
            result.facts |= thing.facts & {"graded"}
        return result

    def _compare(self, node: ast.Compare) -> Value:
        left, *others = self.evaluate_all((node.left, *node.comparators))
        if len(others) == 1 and isinstance(left, Const) and isinstance(others[0], Const):
            decided = _compared(node.ops[0], left, others[0])
            if decided is not None:
                return Const(decided, left.argument or others[0].argument)
        if len(others) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot) and isinstance(others[0], Const):
            scalers = [one for one in objects_in(left) if self.is_like(one, Type.SCALER)]
            self.emit(Kind.READ, scalers, node, how="is None")
            if others[0].value is None and isinstance(left, AbstractObject | Function | Class) and _exists(left):
                return Const(isinstance(node.ops[0], ast.IsNot), argument=True)
        result = self.number(node)
        result.facts |= frozenset(fact for side in (left, *others) for one in objects_in(side) for fact in cut_off(one))
        return result

    def _boolean(self, node: ast.BoolOp) -> Value:
        """`a and b`: b is evaluated on one way only."""
        values = [self.evaluate(node.values[0])]
        self._rest_of_boolean(node, 1, values)
        decided = [value.value for value in values if isinstance(value, Const) and value.argument]
        if isinstance(node.op, ast.And) and any(not one for one in decided):
            return Const(False, argument=True)
        if isinstance(node.op, ast.Or) and any(decided):
            return Const(True, argument=True)
        if len(decided) == len(node.values):
            return Const(bool(decided[-1]), argument=True)
        return either(values)

    def _rest_of_boolean(self, node: ast.BoolOp, index: int, values: list[Value]) -> None:
        if index == len(node.values):
            return
        yes, no = guards_of(self, node.values[index - 1])

        def more() -> None:
            values.append(self.evaluate(node.values[index]))
            self._rest_of_boolean(node, index + 1, values)

        if self._plain(node.values[index:]):
            more()
            return
        go, stop = (yes, no) if isinstance(node.op, ast.And) else (no, yes)
        self.part_ways([(go, more), (stop, lambda: None)])

    def _plain(self, expressions: Iterable[ast.expr]) -> bool:
        """Whether nothing can happen in these expressions."""
        happens = (ast.Call, ast.NamedExpr, ast.Await)
        return not any(isinstance(n, happens) for n in nodes(*expressions))

    def _conditional(self, node: ast.IfExp) -> Value:
        test = self.evaluate(node.test)
        wrapped = _unwrapped(node.body, node.orelse) or _unwrapped(node.orelse, node.body)
        if wrapped is not None:
            return self.inside_of(self.evaluate(wrapped), node)
        if isinstance(test, Const) and test.argument:
            return self.evaluate(node.body if test.value else node.orelse)
        values: list[Value] = []
        if self._plain((node.body, node.orelse)):
            return either((self.evaluate(node.body), self.evaluate(node.orelse)))
        yes, no = guards_of(self, node.test)
        self.part_ways(
            [
                (yes, lambda: values.append(self.evaluate(node.body))),
                (no, lambda: values.append(self.evaluate(node.orelse))),
            ]
        )
        return either(values) if values else self.make(node, role="other")

    def inside_of(self, value: Value, node: ast.expr) -> Value:
        """What a wrapper is around or, of what is none, the thing itself: `model.module if ddp else model`."""
        wrappers = [one for one in alternatives(value) if isinstance(one, AbstractObject) and one.constructor in SHARED]
        return either(self.attribute_of(one, "module", node) if one in wrappers else one for one in alternatives(value))

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.bind(node.target.id, value, node.target)
        return value

    def _lambda(self, node: ast.Lambda) -> Value:
        function = Function(node, self.frame)
        if not self.flow.silent:
            self.defined.append(function)
        return function

    def _await(self, node: ast.Await | ast.Starred | ast.FormattedValue) -> Value:
        return self.evaluate(node.value)

    def _text(self, node: ast.JoinedStr) -> Value:
        self.evaluate_all(node.values)
        return self.number(node)

    def _slice(self, node: ast.Slice) -> Value:
        self.evaluate_all((node.lower, node.upper, node.step))
        return self.number(node)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Value:
        value = self.evaluate(node.value) if node.value is not None else Const(None)
        if isinstance(node, ast.YieldFrom):
            value = self.element(value, node)
        if self.exits:
            self.exits[-1].yields.append(value)
        self.yielded()
        return self.make(node, role="sent")

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        found = self.collection(node)
        values: list[Value] = []
        gone_over: list[Value] = []
        self._go_over(node, 0, values, gone_over)
        state = next((one for one in objects_in(gone_over[0]) if "state" in one.facts), None)
        if state is not None and isinstance(node, ast.DictComp) and _shares_memory(node.value):
            return state
        found.items, found.more = {}, tuple(values)
        found.mapping = False
        found.sources = self.objects(values)
        return found

    def _go_over(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        index: int,
        values: list[Value],
        gone_over: list[Value],
    ) -> None:
        """One `for` of a comprehension and those inside of it; what they go over and what comes out is noted."""
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if index == len(node.generators):
            values.append(self.evaluate_all(results)[-1])
            return
        part = node.generators[index]
        over = self.evaluate(part.iter)
        gone_over.append(over)
        self.gone_through(part.iter, "comprehension")

        def body() -> None:
            self.assign(part.target, self.element(over, part.target))
            self.evaluate_all(part.ifs)
            self._go_over(node, index + 1, values, gone_over)

        if self._plain([part.iter, *part.ifs, *results]):
            body()
        else:
            self.repeat("comprehension", node, next(objects_in(over), None), body, endless=False)

    # Choices

    def _each(self, value: Value, do: Callable[[Value], Value]) -> Value:
        """Do it for each alternative; for several objects at once where nothing but their events differs."""
        if not isinstance(value, Either):
            return do(value)
        plain = [one for one in value.values if not isinstance(one, Const)]
        if len(plain) <= 1:
            return do(plain[0] if plain else value.values[0])
        results: list[Value] = []
        self.part_ways([(None, lambda one=one: results.append(do(one))) for one in plain])  # type: ignore[misc]
        return either(results) if results else Const(None)

    # What the other parts of the reader offer.

    def part_ways(self, arms: Sequence[tuple[Guard | None, Callable[[], None]]]) -> None:
        raise NotImplementedError

    def repeat(
        self, kind: str, node: ast.AST, over: AbstractObject | None, body: Callable[[], None], *, endless: bool
    ) -> None:
        raise NotImplementedError

    def yielded(self) -> None:
        raise NotImplementedError

    def gone_through(self, node: ast.expr, how: str) -> None:
        raise NotImplementedError

    def call_value(self, callee: Value, given: Arguments, node: ast.Call) -> Value:
        raise NotImplementedError

    def _instantiate(self, cls: Class, given: Arguments, node: ast.Call) -> Value:
        raise NotImplementedError

    def block(self, statements: list[ast.stmt]) -> None:
        raise NotImplementedError

    def set_attribute(self, thing: AbstractObject, name: str, value: Value, node: ast.AST) -> None:
        raise NotImplementedError

    def known_call(self, dotted: str) -> Effect | None:
        """What the configuration says about a call."""
        return None

    def assign(self, target: ast.expr, value: Value) -> None:
        raise NotImplementedError


def _unwrapped(inner: ast.expr, outer: ast.expr) -> ast.expr | None:
    """Of `model.module` and `model`, the second."""
    if isinstance(inner, ast.Attribute) and inner.attr == "module" and ast.dump(inner.value) == ast.dump(outer):
        return outer
    return None


def _shares_memory(node: ast.expr) -> bool:
    """Whether an expression is a name, or another tensor over the memory of one: `value.detach()`, `value.data`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "detach":
        node = node.func.value
    elif isinstance(node, ast.Attribute) and node.attr == "data":
        node = node.value
    return isinstance(node, ast.Name)


VALUES_KEPT = frozenset(("softmax", "sigmoid", "graded", "scaled", "state"))
"""Facts about a tensor's values that a part of it shares."""


def _is_key(index: ast.expr) -> bool:
    return isinstance(index, ast.Constant) and isinstance(index.value, str)


def _exists(value: Value) -> bool:
    """Whether a value is surely not None: it was made by code that is seen."""
    return not isinstance(value, AbstractObject) or (value.certain and not value.given)


def _compared(op: ast.cmpop, left: Const, right: Const) -> bool | None:
    if not (left.argument or right.argument):
        return None
    match op:
        case ast.Eq():
            return left.value == right.value
        case ast.NotEq():
            return left.value != right.value
        case ast.Is():
            return _is_same(left, right)
        case ast.IsNot():
            return not _is_same(left, right)
    return None


def _is_same(one: Const, other: Const) -> bool:
    return one.value is other.value or (isinstance(one.value, Member) and one.value == other.value)


_HANDLERS: dict[type[ast.expr], Callable[[Expressions, Any], Value]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.List: Expressions._collection,
    ast.Tuple: Expressions._collection,
    ast.Set: Expressions._collection,
    ast.Dict: Expressions._dict,
    ast.BinOp: Expressions._binary,
    ast.UnaryOp: Expressions._unary,
    ast.Compare: Expressions._compare,
    ast.BoolOp: Expressions._boolean,
    ast.IfExp: Expressions._conditional,
    ast.NamedExpr: Expressions._walrus,
    ast.Lambda: Expressions._lambda,
    ast.Await: Expressions._await,
    ast.Starred: Expressions._await,
    ast.FormattedValue: Expressions._await,
    ast.JoinedStr: Expressions._text,
    ast.Slice: Expressions._slice,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.Call: lambda reader, node: reader.call(node),
}
