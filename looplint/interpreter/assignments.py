"""Assignments to names, attributes and entries."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Option, Place, Type
from looplint.interpreter.part import Part
from looplint.interpreter.slots import slot_of_variable
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Instance,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.syntax.newer_nodes import TypeAlias
from looplint.syntax.parse import parse_expression
from looplint.syntax.unused_names import is_attribute_used, is_used
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader

_LASTING = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCHEDULER, Type.PARAMETERS))
"""Objects that training continues with, so that it matters whether a name still refers to them."""


class Assignments(Part):
    """Evaluates assignments."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._parts: dict[tuple[ast.Assign, ast.expr], list[ast.Assign]] = {}

    def _assign_statement(self, node: ast.Assign) -> None:
        value = self.reader.evaluate(node.value)
        for target in node.targets:
            if (parts := self._side_by_side(node, target)) and isinstance(value, Collection):
                for index, part in enumerate(parts):
                    if self.reader.accumulation.adds_to_itself(part.value, part.targets[0]):
                        self.reader.accumulation.assign(part.targets[0], value.items[index], part)
                    else:
                        self.assign(part.targets[0], value.items[index])
            elif self.reader.accumulation.adds_to_itself(node.value, target):
                if isinstance(target, ast.Name | ast.Attribute):
                    self._rebound(target, value)
                self.reader.accumulation.assign(target, value, node)
            else:
                self.assign(target, value)
                self.reader.snapshots.bound(target, value, node.value)
            # Behind the assignment, which makes a name local.
            self.reader.best_values.begin(target, node.value)
            if isinstance(node.value, ast.Compare | ast.BoolOp):
                self.reader.best_values.stop_by(node.value)
            self.reader.iterators.keep(target, node.value, value)
            self._keep_stepper(target, value)

    def _side_by_side(self, node: ast.Assign, target: ast.expr) -> list[ast.Assign]:
        """The single assignments of `losses, hits = losses + loss, hits + right`; none without a sum among them. They
        are made once: objects are identified by the code that creates them."""
        key = node, target
        if key not in self._parts:
            pairs: list[tuple[ast.expr, ast.expr]] = []
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                whole = (*target.elts, *node.value.elts)
                if len(target.elts) == len(node.value.elts) and not any(isinstance(e, ast.Starred) for e in whole):
                    pairs = list(zip(target.elts, node.value.elts, strict=True))
            sums = any(self.reader.accumulation.adds_to_itself(made, part) for part, made in pairs)
            parts = [ast.copy_location(ast.Assign([part], made), node) for part, made in pairs if sums]
            self._parts[key] = parts
        return self._parts[key]

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.reader.evaluate(node.value))
            self.reader.best_values.begin(node.target, node.value)
        elif isinstance(node.target, ast.Name):
            thing = self.reader.objects.external(node, node.target.id, "declared")
            self.reader.parameters.annotate(thing, node.annotation)

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target, unpacking tuples."""
        match target:
            case ast.Name():
                self._rebound(target, value)
                self.created_elsewhere(target.id, value, target)
                self.reader.names.bind(target.id, value, target)
                counted = self.reader.objects.external(target, target.id, f"accumulator {self.reader.now.chain}")
                counted.loops = self.reader.flow.loops
                self.reader.bindings.set(
                    self.reader.names.home(target.id), slot_of_variable(target.id), counted, self.reader.flow.now
                )
                self.reader.iterators.drop(target)
            case ast.Tuple() | ast.List():
                self._unpack(target, value)
            case ast.Starred():
                self.assign(target.value, value)
            case ast.Attribute():
                self._rebound(target, value)
                self.reader.iterators.drop(target)
                for thing in objects_in(self.reader.evaluate(target.value)):
                    self.reader.attribute_assignments.assign(thing, target.attr, value, target)
                    self.reader.accumulation.begin(thing, target)
            case ast.Subscript():
                self.reader.entry_assignments.assign(target, value)

    def read_after(self, expression: ast.expr, node: ast.expr) -> bool:
        """Whether the code after `node`, or another method, reads an expression, except to discard it again."""
        whole = self.reader.now.frame.owner is not None and isinstance(expression, ast.Attribute)
        around = (
            self.reader.now.frame.owner.node
            if self.reader.now.frame.owner is not None and whole
            else self.reader.now.frame.function
        )
        text, dropped = ast.dump(expression), set[int]()
        end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
        found = []
        for n in nodes(around or self.reader.now.module.tree):
            if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Attribute):
                dropped.add(id(n.value.func.value))
            elif isinstance(n, type(expression)) and (whole or (n.lineno, n.col_offset) >= end) and ast.dump(n) == text:
                found.append(n)
        return any(id(n) not in dropped for n in found)

    def _keep_stepper(self, target: ast.expr, value: Value) -> None:
        """A scheduler or an optimizer is bound to a name: record if nothing in the name's scope steps it or passes it
        on."""
        if (
            not isinstance(value, AbstractObject)
            or value.type not in (Type.SCHEDULER, Type.OPTIMIZER)
            or not value.certain
        ):
            return
        owners = (
            self.reader.classes.lineage(self.reader.now.frame.owner) if self.reader.now.frame.owner is not None else []
        )
        if isinstance(target, ast.Name):
            shared = target.id in self.reader.now.frame.globals | self.reader.now.frame.nonlocals
            code = (
                self.reader.now.module.tree if shared else self.reader.now.frame.function or self.reader.now.module.tree
            )
            epochs = Fact.COUNTS_EPOCHS in value.facts
            idle = not is_used(code, target.id, self.reader.now.module.tree, counts_epochs=epochs)
        elif isinstance(target, ast.Attribute) and owners and isinstance(self.reader.now.frame.receiver, Instance):
            # An unknown base class, or the caller of the constructor, may step what belongs to it.
            here = all(isinstance(base, Class) and base.frame.module is self.reader.now.module for base in owners)
            idle = (
                here
                and not self.reader.now.frame.receiver.external
                and not is_attribute_used(self.reader.now.module.tree, target.attr)
            )
        else:
            return
        value.facts = value.facts | {Fact.IDLE} if idle else value.facts - {Fact.IDLE}

    def created_elsewhere(self, name: str, value: Value, node: ast.AST) -> None:
        """Unknown code that returns a network or an optimizer, by the name of its target, returns a new one
        each time."""
        if hint(name) in (Type.MODULE, Type.OPTIMIZER):
            wholes = [(one, list(one.owners())[-1]) for one in objects_in(value) if not one.certain]
            made = [one for one, whole in wholes if Fact.UNKNOWN_RESULT in whole.facts and whole.graph is not Graph.YES]
            self.reader.emit(Kind.MAKE, made, node, how=How.UNKNOWN_RESULT)

    def _rebound(self, target: ast.Name | ast.Attribute, value: Value) -> None:
        """A name loses its value: a statement rebinds it to something computed from that value."""
        if isinstance(target, ast.Name) and self._is_first(target.id):
            return
        for new in objects_in(value):
            if new.type in _LASTING or not new.operands:
                continue
            nearest = [*new.operands, *(inner for source in new.operands for inner in source.operands)]
            if not any(self.reader.objects.is_like(t, *_LASTING) for t in nearest):
                continue
            with self.reader.flow.silently():
                before = list(objects_in(self.reader.evaluate(target)))
            old = [t for t in before if any(t is one for one in nearest) and self.reader.objects.is_like(t, *_LASTING)]
            made = self.reader.now.assigned or target
            if Fact.LOAD_RESULT in new.facts:
                # An object created in the same expression is lost; a report alone is not kept in an attribute.
                lost = [t for t in new.operands if not t.name and t.type in _LASTING]
                attribute = isinstance(target, ast.Attribute)
                meant = hint(as_text(target)) in _LASTING
                old += [
                    t
                    for t in lost
                    if meant or (attribute and t.place and _within(t.place, self.reader.now.place(made)))
                ]
            bound = self.reader.now.statement.targets if isinstance(self.reader.now.statement, ast.Assign) else [target]
            if old and any(part is target for whole in bound for part in nodes(whole)):
                read = parse_expression(as_text(target))
                options: dict[str, object] = {Option.READ_AGAIN: self.read_after(read, made)}
                self.reader.emit(
                    Kind.REBIND, old[:1], made, object=new, how="=", options=options, written=as_text(target)
                )

    def _is_first(self, name: str) -> bool:
        """Whether a file binds the name for the first time here: a lookup would find a later statement."""
        frame = self.reader.now.frame
        return frame is self.reader.frame_of(frame.module) and self.reader.names.bound_at(name)[1] < 0

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        starred = any(isinstance(element, ast.Starred) for element in target.elts)
        for index, element in enumerate(target.elts):
            item: Value
            if starred:
                item = self.reader.items.element(value, element)
            else:
                item = either(self._part_at(one, index, element) for one in alternatives(value))
            self.assign(element, item)

    def _part_at(self, value: Value, index: int, node: ast.expr) -> Value:
        if isinstance(value, Collection):
            if index in value.items:
                return value.items[index]
            found = self.reader.items.element(value, node)
            if isinstance(found, AbstractObject) and found.type is Type.OPTIMIZER and not value.items:
                # `first, second = [SGD(net.parameters(), lr=0.1) for net in nets]`
                part = self._optimizer_at(found, index)
                part.operands = found.operands
                return part
            return found
        if isinstance(value, AbstractObject):
            if value.type is Type.NUMBER:
                part = self.reader.objects.number(node)
                part.shape = self.reader.library.shape_of_item(value, Const(index), node)
                return part
            if value.type is Type.PARAMETERS and value.external and index < 2:
                # `for name, parameter in model.named_parameters()`
                return value if index else self.reader.objects.number(node)
            if value.type in (Type.OPTIMIZER,) and value.external:
                return (
                    self.reader.items.item(value, Const(index), node)
                    if not value.name.endswith("optimizers()")
                    else self._optimizer_at(value, index)
                )
            item = self.reader.items.item(value, Const(index), node)
            self.reader.items.part_of_output(value, item)
            return item
        return self.reader.objects.make(node, role="part")

    def _optimizer_at(self, value: AbstractObject, index: int) -> AbstractObject:
        part = self.reader.attributes.part(value, f"[{index}]")
        part.owner, part.type, part.certain = None, Type.OPTIMIZER, True
        return part

    def _type_alias(self, node: Any) -> None:
        """`type Name = ...`: the value is evaluated lazily; until then it stands for itself."""
        with self.reader.flow.silently():
            value = self.reader.evaluate(node.value)
        self.reader.names.bind(node.name.id, value, node.name)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr == "grad":
                self.reader.emit(Kind.CLEAR, objects_in(self.reader.evaluate(target.value)), node, how="del grad")
            if isinstance(target, ast.Subscript) and _is_all(target.slice):
                self.reader.emit(Kind.EMPTY, objects_in(self.reader.evaluate(target.value)), node, how="del")
            if isinstance(target, ast.Name):
                self.reader.bindings.set(
                    self.reader.names.home(target.id),
                    target.id,
                    self.reader.objects.external(node, target.id, "deleted"),
                    self.reader.flow.now,
                )

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {
        ast.Assign: _assign_statement,
        ast.AnnAssign: _annotated,
        ast.Delete: _delete,
        TypeAlias: _type_alias,
    }


def _within(inner: Place, outer: Place) -> bool:
    """Whether a place lies within another one."""
    return inner.path == outer.path and (
        (outer.row, outer.column) <= (inner.row, inner.column)
        and (inner.end_row, inner.end_column) <= (outer.end_row, outer.end_column)
    )


def _is_all(index: ast.expr) -> bool:
    return isinstance(index, ast.Slice) and index.lower is index.upper is index.step is None
