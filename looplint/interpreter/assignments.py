"""Assignments to names, attributes and entries."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from looplint.events import AbstractObject, Context, Fact, Graph, How, Kind, Option, Place, Type
from looplint.interpreter.objects import changed_in_place
from looplint.interpreter.part import Part
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Instance,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.knowledge.members import CHANGES_SHAPE
from looplint.knowledge.misspelled import MISSPELLED
from looplint.knowledge.name_hints import CHANGES_AVERAGING, CHANGES_SAMPLES, GRADIENT
from looplint.knowledge.python_names import READS_SAMPLES
from looplint.program.outline import names_in
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
                self._snapshot(target, value, node.value)
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
                self._created_elsewhere(target.id, value, target)
                self.reader.names.bind(target.id, value, target)
                counted = self.reader.objects.external(target, target.id, f"accumulator {self.reader.now.chain}")
                counted.loops = self.reader.flow.loops
                self.reader.bindings.set(
                    self.reader.names.home(target.id), f"@{target.id}", counted, self.reader.flow.now
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
                    self.set_attribute(thing, target.attr, value, target)
                    self.reader.accumulation.begin(thing, target)
            case ast.Subscript():
                self._set_item(target, value)

    def set_attribute(self, thing: AbstractObject, name: str, value: Value, node: ast.AST) -> None:
        """`thing.name = value`."""
        self.reader.record.effects += 1
        if name in GRADIENT:
            self._set_gradient(thing, value, node)
            return
        self._created_elsewhere(name, value, node)
        if isinstance(value, AbstractObject) and not value.name and value.type is not Type.NUMBER:
            value.name = f"{thing.name}.{name}" if thing.name else name
        self.reader.attributes.own(thing, value)
        described: dict[str, object] = {Option.VALUE: value.value} if isinstance(value, Const) else {}
        if isinstance(self.reader.now.statement, ast.Assign) and self.reader.now.statement.targets == [node]:
            described[Option.WRITTEN] = as_text(self.reader.now.statement.value)
        if isinstance(value, AbstractObject) and value.constructor in self.reader.tables.random_states:
            described[Option.DRAWN_FROM_BY] = self._methods_with(thing, name)
        if isinstance(thing, Instance) and thing.type is Type.UNKNOWN and self.reader.flow.loops:
            described[Option.READ_FOR_SAMPLES] = self._read_for_samples(thing, name)
        if name in CHANGES_AVERAGING:
            described[Option.CHANGES_AVERAGING] = True
        if CHANGES_SAMPLES.search(name):
            described[Option.CHANGES_SAMPLES] = True
        if name in MISSPELLED:
            described[Option.MEANT] = "requires_grad"
        if (
            name == "requires_grad"
            and not thing.external
            and thing.type in (Type.TENSOR, Type.UNKNOWN)
            and not isinstance(thing, Instance)
        ) and not (isinstance(value, Const) and not value.value):
            thing.facts |= {Fact.LEAF}
            self.reader.emit(Kind.LEAF, (thing,), node, object=thing, how="requires_grad")
        if name == "requires_grad" and thing.type is Type.PARAMETERS and isinstance(value, Const):
            self._freeze(thing, not value.value)
        self.reader.instances.note_use(thing, name, value)
        self.reader.bindings.set(thing, name, value, self.reader.flow.now)
        if name in CHANGES_SHAPE:
            thing.shape = None
        assigned = (Type.MODULE, Type.PARAMETERS, Type.TENSOR, Type.UNKNOWN, Type.ENGINE, Type.SCHEDULER)
        setting = described.get(Option.MEANT, name) == "requires_grad" and self._reads_itself(thing, name)
        if thing.type in assigned and not setting and not self._has_setter(thing, name):
            self.reader.emit(
                Kind.ASSIGN,
                (thing,),
                node,
                object=next(objects_in(value), None),
                how=name,
                options=described,
                written=as_text(node.value) if isinstance(node, ast.Attribute) else "",
            )
        if isinstance(value, AbstractObject) and Fact.STATE in value.facts:
            made = self.reader.now.statement.value if isinstance(self.reader.now.statement, ast.Assign) else node
            options: dict[str, object] = {Option.FOR_OTHERS: not is_attribute_used(self.reader.now.module.tree, name)}
            self.reader.emit(Kind.SNAPSHOT, value.operands, made, object=value, how="state_dict", options=options)
        if isinstance(self.reader.now.statement, ast.Assign):
            self._snapshots_in(value, self.reader.now.statement.value)

    def _set_gradient(self, thing: AbstractObject, value: Value, node: ast.AST) -> None:
        """`p.grad = value`: gradients are dropped, replaced by new ones, or changed."""
        cleared = (isinstance(value, Const) and value.value is None) or any(self._is_zero(v) for v in objects_in(value))
        made_of = [made for one in objects_in(value) for made in one.ancestry()]
        own = any(Fact.GRADIENT in made.facts and thing in made.operands for made in made_of)
        mine = set(thing.ancestry())
        added = any(one not in mine and not one.operands and one.type is not Type.NUMBER for one in made_of)
        if own and not added and not any(map(self._is_zero, made_of)):
            return  # `p.grad = p.grad.sign()`
        self.reader.emit(Kind.CLEAR, (thing,), node, how="grad = None" if cleared else How.GRADIENT)
        if not cleared:
            self.reader.emit(Kind.BACKWARD, (thing,), node, how=How.GRADIENT)

    def _is_zero(self, thing: AbstractObject) -> bool:
        return thing.constructor in self.reader.tables.zero_tensors or thing.constructor.endswith(".zero_")

    def _has_setter(self, thing: AbstractObject, name: str) -> bool:
        """Whether assigning an attribute calls a method: its class defines a property of that name."""
        cls = thing.cls if isinstance(thing, Instance) else None
        return cls is not None and self.reader.classes.find_method(cls, name) is not None

    def _reads_itself(self, thing: AbstractObject, name: str) -> bool:
        """Whether the class of an object reads this attribute of it: what is assigned is a setting of its own."""
        cls = thing.cls if isinstance(thing, Instance) else None
        known = [one.node for one in self.reader.classes.lineage(cls) if isinstance(one, Class)] if cls else []
        read = (n for n in nodes(*known) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load))
        return any(one.attr == name and isinstance(one.value, ast.Name) and one.value.id == "self" for one in read)

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

    def _created_elsewhere(self, name: str, value: Value, node: ast.AST) -> None:
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
            made = self.reader.now.statement.value if isinstance(self.reader.now.statement, ast.Assign) else target
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

    def _freeze(self, parameter: AbstractObject, off: bool) -> None:
        """`for p in net.parameters(): p.requires_grad = False` does what `net.requires_grad_(False)` does."""
        around = self.reader.flow.loops[-1] if self.reader.flow.loops else None
        if around is None or around.over is None or Context.SOME_PARAMETERS in self.reader.now.contexts:
            return
        for module in (one for one in around.over.operands if one.type is Type.MODULE and parameter.comes_from(one)):
            module.facts = module.facts | {Fact.FROZEN} if off else module.facts - {Fact.FROZEN}

    def _read_for_samples(self, thing: Instance, name: str) -> bool:
        """Whether what gives a sample of a dataset, or what that calls, reads an attribute."""
        if thing.cls is None:
            return False
        waiting, seen = [*READS_SAMPLES], set[str]()
        while waiting:
            found = self.reader.classes.find_method(thing.cls, waiting.pop())
            if found is None or found[0].name in seen:
                continue
            seen.add(found[0].name)
            mentioned = names_in(found[0])
            if name in mentioned:
                return True
            waiting += [one for one in mentioned if self.reader.classes.find_method(thing.cls, one) is not None]
        return False

    def _methods_with(self, thing: AbstractObject, name: str) -> frozenset[str]:
        """The methods that read a random state which is set once, in the constructor; none if another method resets it,
        or if the class is aware of workers."""
        if not isinstance(thing, Instance) or thing.cls is None:
            return frozenset()
        members = [
            member
            for base in self.reader.classes.lineage(thing.cls)
            if isinstance(base, Class)
            for member in base.node.body
        ]
        methods = [m for m in members if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
        stored = [
            (m.name, isinstance(n.ctx, ast.Store))
            for m in methods
            for n in nodes(m)
            if isinstance(n, ast.Attribute) and n.attr == name
        ]
        again = any(method != "__init__" and stores for method, stores in stored)
        if again or any("worker_info" in word for m in methods for word in names_in(m)):
            return frozenset()
        return frozenset(method for method, stores in stored if not stores)

    def _set_item(self, target: ast.Subscript, value: Value) -> None:
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
                    self.reader.accumulation.keep(thing, value, target, "[]", self._assigned())
                self._write_into(thing, value)
                if Fact.GRADIENT in thing.facts:
                    self.reader.emit(Kind.CLEAR, thing.operands or (thing,), target, how="grad[...]")
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
                    made, entry = self._assigned() or target, as_text(target)
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

    def _assigned(self) -> ast.expr | None:
        """The right-hand side of the current statement."""
        return self.reader.now.statement.value if isinstance(self.reader.now.statement, ast.Assign) else None

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

    def _snapshot(self, target: ast.expr, value: Value, made: ast.expr) -> None:
        if isinstance(target, ast.Name):
            frame = self.reader.now.frame
            local = frame.function is not None and target.id not in frame.globals | frame.nonlocals
            options: dict[str, object] = {Option.LOCAL: local}
            for thing in objects_in(value):
                if Fact.STATE in thing.facts:
                    self.reader.emit(
                        Kind.SNAPSHOT, thing.operands, made, object=thing, how="state_dict", options=options
                    )
            self._snapshots_in(value, made)
        elif isinstance(target, ast.Tuple) and isinstance(made, ast.Tuple) and isinstance(value, Collection):
            # `best, best_state = accuracy, model.state_dict()`
            for index, (part, written) in enumerate(zip(target.elts, made.elts, strict=False)):
                if index in value.items and len(target.elts) == len(made.elts):
                    self._snapshot(part, value.items[index], written)

    def _snapshots_in(self, value: Value, node: ast.expr) -> None:
        """States that are stored as entries of a dict, a tuple or a list which is kept."""
        if isinstance(node, ast.Dict) and isinstance(value, Collection):
            for key, entry in zip(node.keys, node.values, strict=True):
                kept = value.items.get(key.value) if isinstance(key, ast.Constant) else None
                self._snapshots_of(kept, entry, "state_dict")
        elif isinstance(node, ast.Tuple | ast.List) and isinstance(value, Collection):
            if not any(isinstance(entry, ast.Starred) for entry in node.elts):
                for index, entry in enumerate(node.elts):
                    self._snapshots_of(value.items.get(index), entry, "state_dict")
        elif isinstance(node, ast.Call) and isinstance(value, Collection):
            with self.reader.flow.silently():
                called = self.reader.evaluate(node.func)
            # A function of the program returns such a dict; `copy.deepcopy` returns a copy of one.
            for kept in value.items.values() if isinstance(called, Function) else ():
                self._snapshots_of(kept, node, How.PACKED)

    def _snapshots_of(self, value: Value | None, node: ast.expr, how: str) -> None:
        for thing in objects_in(value):
            if Fact.STATE in thing.facts:
                self.reader.emit(Kind.SNAPSHOT, thing.operands, node, object=thing, how=how)

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
