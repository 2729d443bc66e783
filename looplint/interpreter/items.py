"""Subscripts, and the elements of an iterable."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import ClassVar

from looplint.events import AbstractObject, Fact, Graph, Type
from looplint.interpreter.part import Part
from looplint.interpreter.values import Collection, Const, Either, Instance, Symbol, Value, alternatives, either
from looplint.syntax.walk import as_text, nodes


class Items(Part):
    """Evaluates subscripts and elements."""

    def _subscript(self, node: ast.Subscript) -> Value:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "data" and _is_key(node.slice):
            owner = self.reader.evaluate(node.value.value)
            base = either(self._data_with_keys(one, node.value) for one in alternatives(owner))
        else:
            base = self.reader.evaluate(node.value)
        index = self.reader.evaluate(node.slice)
        self._note_parts(node, base)
        return either(self.item(one, index, node) for one in alternatives(base))

    def note_named_part(self, base: AbstractObject) -> None:
        """A part of something is read by its name: it is a dictionary or a record."""
        base.facts |= {Fact.NAMED_PARTS}

    def _note_parts(self, node: ast.Subscript, base: Value) -> None:
        """Note of the loops whose counter says where a part of the rows begins, `inputs[i : i + 32]`, or which sample
        it is: `dataset[i]` in a loop over `range(len(dataset))`."""
        rows = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        if isinstance(rows, ast.Slice) and rows.lower is not None and rows.upper is not None:
            begins = {one.id for one in nodes(rows.lower) if isinstance(one, ast.Name)}
        elif isinstance(rows, ast.Name) and isinstance(node.ctx, ast.Load):
            begins = {rows.id}
        else:
            return
        for scope in self.reader.flow.loops:
            if scope.target in begins and scope.function == self.reader.now.frame.name and scope.over is not None:
                if isinstance(rows, ast.Slice) or self._counts_samples(scope.over, base, node.value):
                    scope.over.facts |= {Fact.DATA_IN_PARTS}

    def _counts_samples(self, over: AbstractObject, base: Value, written: ast.expr) -> bool:
        """Whether a loop goes over all indices of something that gives samples."""
        text = over.place.text if over.place is not None else ""
        if "".join(text.split()) != f"range(len({''.join(as_text(written).split())}))":
            return False
        return all(
            isinstance(one, AbstractObject) and self.reader.library.gives_samples(one) for one in alternatives(base)
        )

    def _data_with_keys(self, owner: Value, node: ast.Attribute) -> Value:
        """`graph.nodes["user"].data`: the `data` of an object with named entries is not that of a tensor."""
        plain = isinstance(owner, AbstractObject) and not isinstance(owner, Instance | Collection)
        if plain and isinstance(owner, AbstractObject) and self.reader.attributes.stored(owner, "data") is None:
            return self.reader.attributes.part(owner, "data")
        return self.reader.attributes.of(owner, "data", node)

    def item(self, base: Value, index: Value, node: ast.expr) -> Value:
        """`base[index]`."""
        shape = self.reader.library.shape_of_item(base, index, node) if isinstance(base, AbstractObject) else None
        found = self._item(base, index, node)
        if shape is not None and isinstance(found, AbstractObject) and not isinstance(found, Instance | Collection):
            found.shape = shape
        return found

    def _item(self, base: Value, index: Value, node: ast.expr) -> Value:
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
                # Any of the values; iterating over a mapping yields its keys.
                return (
                    either(base.elements())
                    if base.elements()
                    else self.reader.objects.derived(node, (base,), role="item")
                )
            return self.element(base, node)
        if isinstance(base, AbstractObject):
            if isinstance(index, Const) and isinstance(index.value, str):
                self.note_named_part(base)
            if base.type is Type.NUMBER:
                return self.reader.objects.number(node)
            if isinstance(index, Const) and index.value in (1, -1) and self.has_indices(base):
                return self.indices(base, node)
            if base.type is not Type.MODULE and (base.type is Type.TENSOR or base.graph is not Graph.UNKNOWN):
                at: ast.expr | AbstractObject = node
                role = "item"
                if isinstance(index, Const) and isinstance(index.value, str) and Fact.OUTPUT in base.facts:
                    # An output has one value by that name, wherever it is read.
                    at, role = base, f"item {index.value!r}"
                item = self.reader.objects.derived(at, (base, index), role=role)
                self.reader.objects.constructed(item, base.constructor)
                item.options = base.options
                self.reader.library.share_values(item, (base,))
                if isinstance(index, Const) and isinstance(index.value, str):
                    self.part_of_output(base, item)
                return item
            if isinstance(index, Const) or base.type is Type.MODULE:
                part = self.reader.attributes.part(base, f"[{index.value!r}]" if isinstance(index, Const) else "[...]")
                if base.type is Type.MODULE and part.type is Type.UNKNOWN:
                    part.type, part.certain = Type.MODULE, base.certain
                if base.constructor in self.reader.tables.parameter_lists:
                    part.type = Type.PARAMETERS
                    part.facts |= {Fact.TRAINED}
                if Fact.LOGS_BESIDE_LOSSES in base.facts and str(getattr(index, "value", "")).startswith("loss"):
                    part.type, part.graph, part.loops = Type.TENSOR, self.reader.now.gradients, base.loops
                    part.facts |= {Fact.GRADED}
                return part
            return self.element(base, node)
        if isinstance(base, Symbol):
            return base
        return self.reader.objects.make(node, role="item", operands=(base,))

    def has_indices(self, pair: AbstractObject) -> bool:
        """Whether a value is a pair of values and indices: `outputs.max(1)`."""
        return pair.constructor.rpartition(".")[2] in self.reader.tables.with_indices

    def indices(self, pair: AbstractObject, node: ast.expr) -> Value:
        """The indices in such a pair."""
        return self.reader.objects.make(node, Type.TENSOR, role="indices", operands=(pair,), graph=Graph.NO)

    def part_of_output(self, whole: AbstractObject, part: Value) -> None:
        """One part of the output of unknown code is the loss, another a count or a metric: `backward()` shows which one
        has a graph."""
        if Fact.OUTPUT in whole.facts and isinstance(part, AbstractObject) and part.graph is Graph.YES:
            if Fact.RECORDED not in part.facts or Fact.REWRITTEN in whole.facts:
                part.graph = Graph.UNKNOWN
            part.facts |= {Fact.PART_OF_OUTPUT}

    def _entry_named(self, collection: Collection, key: object) -> Value:
        """An entry of a collection; an unknown one is named by its key."""
        value = collection.items[key]
        if isinstance(value, AbstractObject) and value.type is Type.UNKNOWN and collection.name:
            value.name = value.name or f"{collection.name}[{key!r}]"
        return value

    def element(self, collection: Value, node: object) -> Value:
        """The value of a loop's target: any element of the iterable."""
        if isinstance(collection, Either):
            return either(self.element(one, node) for one in collection.values)
        if isinstance(collection, Collection):
            if collection.mapping:
                return (
                    either(Const(key) for key in collection.items)
                    if collection.items
                    else self.reader.objects.external(collection, "key")
                )
            found = collection.elements()
            if found:
                return either(found)
        if isinstance(collection, AbstractObject):
            if collection.type is Type.NUMBER and collection.shape is None:
                counter = self.reader.objects.external(node, "", "number element")
                counter.facts |= {Fact.COUNTER}
                return counter
            element = self.reader.objects.external(
                collection, f"{collection.name}[...]" if collection.name else "", "element"
            )
            if not element.operands:
                element.operands = (collection,)
                self.reader.objects.constructed(
                    element, collection.constructor if collection.type is Type.MODULE else ""
                )
                element.graph = Graph.NO if collection.type in (Type.LOADER, Type.PARAMETERS) else collection.graph
                element.facts |= collection.facts & {Fact.MODE_FREE}
                if collection.type in (Type.MODULE, Type.PARAMETERS, Type.OPTIMIZER):
                    element.type = collection.type
                    element.certain = collection.certain
                if collection.constructor in self.reader.tables.parameter_lists:
                    element.type = Type.PARAMETERS
                    element.facts |= {Fact.TRAINED}
            self.reader.library.note_element(element, collection)
            return element
        return self.reader.objects.external(node, "", "element")

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {ast.Subscript: _subscript}


def _is_key(index: ast.expr) -> bool:
    return isinstance(index, ast.Constant) and isinstance(index.value, str)
