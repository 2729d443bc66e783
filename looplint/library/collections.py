"""Methods of lists, dicts and sets."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Const, Either, Value, either, objects_in
from looplint.knowledge.python_names import ADDS_EACH, KEEPS, OF_ENTRIES, RETURNS_NOTHING, TAKES_OUT
from looplint.library.part import LibraryPart


class Collections(LibraryPart):
    """Calls methods of collections."""

    def method(self, thing: Collection, name: str, given: Arguments, node: ast.Call) -> Value:
        """The result of a method of a list, tuple, set or dict, which may change it."""
        if name in OF_ENTRIES:
            if name == "values" or name == "copy":
                stream = self.reader.objects.collection(node, "values")
                if name == "copy":
                    stream.items, stream.more, stream.mapping = dict(thing.items), thing.more, thing.mapping
                else:
                    stream.more = tuple(thing.elements())
                stream.operands = (thing, *thing.operands)
                return stream
            if name == "items":
                values = thing.elements()
                value = either(values) if values else self.reader.objects.derived(node, (thing,))
                if isinstance(value, Either) and not thing.more and len(value.values) == len(thing.items):
                    value = Either(value.values, in_turn=True)
                return self.pairs(thing, value, node)
            return self.reader.objects.make(node, Type.NUMBER, role="keys", graph=Graph.NO)
        if name in KEEPS:
            return self.kept(thing, given, node, name)
        if name == "get" and given.args:
            return self.reader.items.item(thing, given.args[0], node)
        if name == "setdefault" and len(given.args) == 2:
            return self._first_given(thing, given.args[0], given.args[1], node)
        if name == "pop" and given.args and isinstance(thing, Collection) and thing.mapping:
            return self.reader.items.item(thing, given.args[0], node)
        if name in TAKES_OUT:
            return self.reader.items.element(thing, node)
        if name == "clear":
            self.reader.emit(Kind.EMPTY, (thing,), node, how=name)
        if name in RETURNS_NOTHING:
            return Const(None)
        return self.reader.unknown_calls.call(node, [thing, *given.values], given, name=name)

    def pairs(self, thing: AbstractObject, value: Value, node: ast.Call) -> Collection:
        """`entries.items()`, with any of its values."""
        stream, pair = self.reader.objects.collection(node, "items"), self.reader.objects.collection(node, "pair")
        pair.items = {0: self.reader.objects.number(node), 1: value}
        pair.operands = self.reader.objects.of((value,))
        stream.more, stream.operands = (pair,), (thing, *thing.operands)
        return stream

    def _first_given(self, thing: Collection, key: Value, value: Value, node: ast.Call) -> Value:
        """`losses.setdefault(key, [])`: the entry, which is made once and lives as long as the dictionary."""
        known = key.value if isinstance(key, Const) and not isinstance(key.value, list | dict | set) else None
        if known is None or known not in thing.items:
            for one in objects_in(value):
                one.loops = thing.loops
            if known is not None:
                thing.items[known] = value
            elif not any(value is one for one in thing.more):
                thing.more = (*thing.more, value)[-12:]
            thing.operands = (*thing.operands, *self.reader.objects.of((value,)))[-24:]
        return self.reader.items.item(thing, key, node)

    def kept(self, thing: AbstractObject, given: Arguments, node: ast.Call, name: str) -> Value:
        """An element is added to a collection."""
        self.reader.record.effects += 1
        if not given.args and not given.keywords:
            return Const(None)
        if name == "update" and self._replaces(thing, given):
            return Const(None)
        value = given.args[-1] if given.args else next(iter(given.keywords.values()))
        position = node.args[-1] if node.args else node
        self.reader.accumulation.keep(thing, value, node, name, position)
        if isinstance(thing, Collection):
            if name == "update" and isinstance(value, Collection):
                thing.items.update(value.items)
            elif name in ADDS_EACH:
                thing.more = (*thing.more, self.reader.items.element(value, node))[-12:]
            elif not any(value is one for one in thing.more):
                thing.more = (*thing.more, value)[-12:]
            thing.operands = (
                *thing.operands,
                *(o for o in self.reader.objects.of((value,)) if not any(o is s for s in thing.operands)),
            )[-24:]
        return Const(None)

    def _replaces(self, thing: AbstractObject, given: Arguments) -> bool:
        """Whether only entries with constant keys are set, replacing those of the previous iteration. What is passed a
        dictionary is one."""
        if isinstance(thing, Collection) and not thing.mapping:
            return False
        entries: dict[object, Value] = dict(given.keywords.items()) if isinstance(thing, Collection) else {}
        for value in given.args:
            if not isinstance(value, Collection) or not value.mapping or value.more:
                return False
            entries |= value.items
        if isinstance(thing, Collection):
            thing.items.update(entries)
            thing.operands = (*thing.operands, *self.reader.objects.of(entries.values()))[-24:]
        return bool(entries)
