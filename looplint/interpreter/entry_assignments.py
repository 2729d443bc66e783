"""Assignments to entries: `thing[index] = value`."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.objects import changed_in_place
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Collection,
    Const,
    Value,
    objects_in,
)
from looplint.syntax.walk import as_text, nodes

_ALL = frozenset((":", "...", "slice(None)"))
"""Indices that take all of a tensor."""


class EntryAssignments(Part):
    """Evaluates `thing[index] = value`."""

    def assign(self, target: ast.Subscript, value: Value) -> None:
        self.reader.record.effects += 1
        index = self.reader.evaluate(target.slice)
        # An entry that is made where there is none yet lives as long as the dictionary.
        absent = self.reader.branches.absent
        first = bool(absent) and as_text(target) in absent
        for thing in objects_in(self.reader.evaluate(target.value)):
            for one in objects_in(value) if first else ():
                if isinstance(one, Collection) and not one.operands:
                    one.loops = thing.loops
            if not isinstance(thing, Collection):
                if not thing.external and self.reader.tables.tensor_makers.match(thing.constructor):
                    # Writing a loss into a tensor appends its graph to that of the tensor.
                    self.reader.accumulation.keep(thing, value, target, "[]", self.reader.now.assigned)
                self._write_into(thing, value)
                if Fact.GRADIENT in thing.facts:
                    # The other rows or columns keep their gradients.
                    all_of_it = as_text(target.slice) in _ALL
                    kind, how = (Kind.CLEAR, "grad[...]") if all_of_it else (Kind.READ, How.SOME_CLEARED)
                    self.reader.emit(kind, thing.operands or (thing,), target, how=how)
                if thing.owner is not None and isinstance(value, AbstractObject):
                    owner = list(thing.owners())[-1]
                    self.reader.emit(
                        Kind.ASSIGN,
                        (owner,),
                        target,
                        object=value,
                        how=as_text(target).partition(".")[2],
                        written=owner.name,
                    )
                elif self.reader.objects.is_like(thing, Type.MODULE) and isinstance(value, AbstractObject):
                    how = f"[{as_text(target.slice)}]"
                    self.reader.emit(Kind.ASSIGN, (thing,), target, object=value, how=how, written=thing.name)
                continue
            for one in objects_in(value):
                if Fact.STATE in one.facts:
                    made, entry = self.reader.now.assigned or target, as_text(target)
                    self.reader.emit(
                        Kind.SNAPSHOT, one.operands, made, object=one, how="state_dict", options={Option.ENTRY: entry}
                    )
            if isinstance(index, Const) and not isinstance(index.value, list | dict):
                thing.items[index.value] = value
            else:
                taken = self.reader.objects.graph(value) is not Graph.NO and self._read_before(target)
                self.reader.accumulation.keep(thing, value, target, "[]", None, taken=taken)
                thing.more = (*thing.more, value)[-12:]
            thing.operands = (*thing.operands, *self.reader.objects.of((value,)))[-24:]

    def _read_before(self, target: ast.Subscript) -> bool:
        """Whether the code before an assignment to an entry reads the same entry: a state carried through the loop."""
        first = _first_reads(self.reader.now.frame.function or self.reader.now.module.tree).get(as_text(target))
        return first is not None and first <= target.lineno

    def _write_into(self, tensor: AbstractObject, value: Value) -> None:
        """A tensor derives from what is written into it, and has a graph once results with a graph are."""
        changed_in_place(tensor)
        if tensor.type not in (Type.TENSOR, Type.UNKNOWN):
            return
        if tensor.graph is Graph.NO:
            tensor.graph = self.reader.objects.graph_of((value,))
        written = [one for one in self.reader.objects.of((value,)) if one.type is not Type.NUMBER and one is not tensor]
        tensor.operands = (*tensor.operands, *(one for one in written if one not in tensor.operands))[-24:]


def _first_reads(around: ast.AST) -> dict[str, int]:
    """The entries that are read in a function or module, with the first row of each."""
    found = _READS.get(around)
    if found is None:
        found = _READS[around] = {}
        for node in nodes(around):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                text = as_text(node)
                found[text] = min(node.lineno, found.get(text, node.lineno))
    return found


_READS: WeakKeyDictionary[ast.AST, dict[str, int]] = WeakKeyDictionary()
