"""One-shot iterators: where they are created and consumed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, How, Kind, Option, Type
from looplint.interpreter.arguments import arguments_written
from looplint.interpreter.part import Part
from looplint.interpreter.values import Const, Frame, Function, Value, objects_in
from looplint.knowledge.python_names import ENDLESS, EXHAUSTS, HARMLESS, ONE_SHOT, PASSED_ON
from looplint.syntax.walk import as_text, last_name, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class Iterators(Part):
    """Tracks iterators that can be consumed once."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._has_one_shots = False
        self._known = False
        self._kept_in_objects = False
        self._followed: set[int] = set()

    def _iterator_in(self, node: ast.expr, value: Value, kept_in: ast.expr | str) -> AbstractObject | None:
        """The one-shot iterator that an expression evaluates to: created here, or known by another name. `kept_in`: the
        variable or attribute that is bound to it."""
        if isinstance(node, ast.Name | ast.Attribute):
            known = self._iterator_of(node)
            return known if isinstance(known, AbstractObject) else None
        if not (returns_iterator(node) or self._is_spent(node, value)):
            return None
        iterator, _ = self.reader.objects.thing(node, "iterator")
        iterator.name = kept_in if isinstance(kept_in, str) else as_text(kept_in)
        iterator.type, iterator.place = Type.OTHER, self.reader.now.place(node)
        if isinstance(node, ast.Call) and called_name(node) == "iter":
            iterator.options = {Option.OVER: as_text(node.args[0])}
            iterator.operands = tuple(objects_in(value))
            loaders = [one for one in iterator.operands if one.type is Type.LOADER]
            if self.reader.flow.loops:
                self.reader.emit(Kind.ITERATE, loaders, node, how=How.REPEATED)
        parameters = [t for one in objects_in(value) for t in one.ancestry() if t.type is Type.PARAMETERS]
        if parameters:
            self._has_one_shots = True
            iterator.operands = tuple(parameters)
            self.reader.emit(Kind.MAKE, (iterator,), node, how=as_text(node))
        return iterator

    def keep(self, target: ast.expr, made: ast.expr, value: Value) -> None:
        """A name or an attribute is bound to a one-shot iterator, whatever its iterable."""
        iterator = self._iterator_in(made, value, target)
        if iterator is not None:
            self._known = True
            self._kept_in_objects |= isinstance(target, ast.Attribute)
            for owner, name in self._slots(target):
                self.reader.bindings.set(owner, f"*{name}", iterator, self.reader.flow.now)

    def drop(self, target: ast.Name | ast.Attribute) -> None:
        """A rebound name no longer refers to its previous iterator."""
        if self._iterator_of(target) is not None:
            for owner, name in self._slots(target):
                self.reader.bindings.set(owner, f"*{name}", Const(None), self.reader.flow.now)

    def _slots(self, node: ast.expr) -> list[tuple[object, str]]:
        """The bindings that a name or an attribute refers to."""
        if isinstance(node, ast.Name):
            return [(self.reader.names.home(node.id), node.id)]
        if not isinstance(node, ast.Attribute):
            return []
        with self.reader.flow.silently():
            return [(thing, node.attr) for thing in objects_in(self.reader.evaluate(node.value))]

    def bind_parameters(self, frame: Frame, function: Function, node: ast.AST) -> None:
        """The parameters of an inlined function refer to the iterators passed by the call."""
        if not isinstance(node, ast.Call):
            return
        for name, argument in arguments_written(function, node):
            value = self.reader.bindings.get((id(frame), name))
            iterator = self._iterator_in(argument, value or Const(None), name)
            if iterator is not None:
                self._known = True
                self.reader.bindings.set(frame, f"*{name}", iterator, self.reader.flow.now)
                self._followed.add(id(node))

    def advance(self, node: ast.Call) -> None:
        """`next(batches)` with `batches = iter(loader)` in the same iteration: the first batch again."""
        if len(node.args) != 1:
            return
        name, made = node.args[0], self._iterator_of(node.args[0])
        if (
            not isinstance(name, ast.Name)
            or not isinstance(made, AbstractObject)
            or made.loops != self.reader.flow.loops
        ):
            return
        around = self.reader.now.frame.function or self.reader.now.module.tree
        read = [n for n in nodes(around) if isinstance(n, ast.Name) and n.id == name.id]
        # A second read gets more than the first batch.
        if Option.OVER in made.options and len([n for n in read if isinstance(n.ctx, ast.Load)]) == 1:
            self.reader.emit(Kind.FETCH, made.operands, node, how=How.NEXT, written=str(made.options[Option.OVER]))

    def after_call(self, node: ast.Call, result: Value) -> None:
        """Handle iterators over parameters that are arguments of a call."""
        if self._has_one_shots:
            self._arguments_of(node, result)

    def _arguments_of(self, node: ast.Call, result: Value) -> None:
        """Iterators over parameters that are arguments of a call: some callees consume them, others may."""
        name = called_name(node)
        parts = [part for given in (*node.args, *(k.value for k in node.keywords)) for part in _shown_in(given)]
        passed = [n for n in parts if isinstance(self._iterator_of(n), AbstractObject)]
        if not passed or (isinstance(node.func, ast.Name) and name in (HARMLESS | PASSED_ON)):
            return
        if id(node) in self._followed:
            return
        optimizer = any(one.type is Type.OPTIMIZER and one.certain for one in objects_in(result))
        for given in passed:
            if optimizer or name in EXHAUSTS or self.reader.tables.clipping.search(name):
                self.consume(given, name, node)
            else:
                for owner, slot in self._slots(given):
                    self.reader.bindings.set(owner, f"*{slot}", Const(None), self.reader.flow.now)

    def _is_spent(self, node: ast.expr, value: Value) -> bool:
        """Whether an expression evaluates to a one-shot iterator over parameters, as `Module.parameters` does."""
        return isinstance(node, ast.Call) and any(
            Fact.ONE_SHOT in t.facts and t.place == self.reader.now.place(node) for t in objects_in(value)
        )

    def _iterator_of(self, node: ast.expr) -> Value | None:
        if not self._known:
            return None
        if isinstance(node, ast.Name):
            return self.reader.bindings.get((id(self.reader.names.bound_at(node.id)[0]), f"*{node.id}"))
        slots = self._slots(node) if self._kept_in_objects else []
        return self.reader.bindings.get((id(slots[0][0]), f"*{slots[0][1]}")) if len(slots) == 1 else None

    def consume_by_for(self, node: ast.For | ast.AsyncFor) -> None:
        """A `for` over a name that certainly refers to an iterator, also through `enumerate` and `tqdm`."""
        over = node.iter
        if isinstance(over, ast.Call) and over.args and called_name(over) in PASSED_ON:
            over = over.args[0]
        if self._iterator_of(over) is not None:
            left = any(isinstance(n, ast.Break | ast.Return) for n in nodes(*node.body))
            self.consume(over, "for", node.iter, left=left)

    def consume(self, node: ast.expr, how: str, at: ast.AST | None = None, *, left: bool = False) -> None:
        """A name that certainly refers to an iterator is consumed here. `left`: maybe not completely."""
        if isinstance(iterator := self._iterator_of(node), AbstractObject):
            self.reader.emit(
                Kind.ITERATE, (iterator,), at or node, how=how, options={Option.LEFT: left}, written=as_text(node)
            )


def called_name(node: ast.Call) -> str:
    """The last part of the callee's name."""
    return last_name(node.func)


def returns_iterator(node: ast.expr) -> bool:
    """Whether an expression evaluates to a one-shot iterator, or a progress bar around one."""
    if isinstance(node, ast.GeneratorExp):
        return True
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if called_name(node) == "tqdm":
        return returns_iterator(node.args[0])
    if not isinstance(node.func, ast.Name) or node.func.id not in ONE_SHOT:
        return False
    return not any(isinstance(n, ast.Call) and called_name(n) in ENDLESS for n in nodes(node))


def _shown_in(node: ast.expr) -> list[ast.expr]:
    """The elements of a display (a list, a dict of settings), or the expression itself."""
    if isinstance(node, ast.List | ast.Tuple):
        return [part for element in node.elts for part in _shown_in(element)]
    if isinstance(node, ast.Dict):
        return [part for value in node.values for part in _shown_in(value)]
    return [node]
