"""Assignments: what names, attributes and entries stand for, and what is added to what."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Graph, Kind, Place, Type
from looplint.interpreter.iterators import Iterators
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
from looplint.knowledge.logits import MISSPELLED
from looplint.knowledge.name_hints import hint
from looplint.knowledge.torch import KEEPS_IDENTITY, RANDOM_STATES
from looplint.program.outline import names_in
from looplint.syntax.unused_names import attribute_looked_at, looked_at
from looplint.syntax.walk import as_text, nodes

_LASTING = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCHEDULER, Type.PARAMETERS))
"""What training goes on with, so that it matters whether a name still stands for it."""


class Assignments(Iterators):
    """Reads what binds and what adds."""

    def _read_after(self, expression: ast.expr, node: ast.expr) -> bool:
        """Whether the code behind `node`, or another method, reads an expression otherwise than to drop it again."""
        whole = self.frame.owner is not None and isinstance(expression, ast.Attribute)
        around = self.frame.owner.node if self.frame.owner is not None and whole else self.frame.function
        text, dropped = ast.dump(expression), set[int]()
        found = []
        for n in nodes(around or self.module.tree):
            if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Attribute):
                dropped.add(id(n.value.func.value))
            elif isinstance(n, type(expression)) and (whole or n.lineno > node.lineno) and ast.dump(n) == text:
                found.append(n)
        return any(id(n) not in dropped for n in found)

    def _assign_statement(self, node: ast.Assign) -> None:
        value = self.evaluate(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and self._adds_to_itself(node.value, target.id):
                self._accumulate_name(target.id, value, node, node.value)
            else:
                self.assign(target, value)
                self._snapshot(target, value, node)
            self._keep_iterator(target, node.value, value)
            self._keep_stepper(target, value)

    def _keep_stepper(self, target: ast.expr, value: Value) -> None:
        """A scheduler or an optimizer is given a name: whether anything in the code that may see the name steps it or
        hands it on."""
        if (
            not isinstance(value, AbstractObject)
            or value.type not in (Type.SCHEDULER, Type.OPTIMIZER)
            or not value.certain
        ):
            return
        owners = self.lineage(self.frame.owner) if self.frame.owner is not None else []
        if isinstance(target, ast.Name):
            shared = target.id in self.frame.globals | self.frame.nonlocals
            code = self.module.tree if shared else self.frame.function or self.module.tree
            idle = not looked_at(code, target.id, self.module.tree)
        elif isinstance(target, ast.Attribute) and owners and isinstance(self.frame.receiver, Instance):
            # A base class or the maker of an object may step what is its own, in code that is not seen.
            here = all(isinstance(base, Class) and base.frame.module is self.module for base in owners)
            idle = here and not self.frame.receiver.given and not attribute_looked_at(self.module.tree, target.attr)
        else:
            return
        value.facts = value.facts | {"idle"} if idle else value.facts - {"idle"}

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))
        elif isinstance(node.target, ast.Name):
            thing = self.given(node, node.target.id, "declared")
            self._annotate(thing, node.annotation)

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target, taking tuples apart."""
        match target:
            case ast.Name():
                self._rebound(target, value)
                self._made_elsewhere(target.id, value, target)
                self.bind(target.id, value, target)
                counted = self.given(target, target.id, f"accumulator {self.chain}")
                counted.loops = self.flow.loops
                self.state.set(self._home(target.id), f"@{target.id}", counted, self.flow.now)
                self._drop_iterator(target)
            case ast.Tuple() | ast.List():
                self._take_apart(target, value)
            case ast.Starred():
                self.assign(target.value, value)
            case ast.Attribute():
                self._rebound(target, value)
                self._drop_iterator(target)
                for thing in objects_in(self.evaluate(target.value)):
                    self.set_attribute(thing, target.attr, value, target)
            case ast.Subscript():
                self._set_item(target, value)

    def _made_elsewhere(self, name: str, value: Value, node: ast.AST) -> None:
        """What code that is not seen gives under the name of a network or an optimizer is another one each time."""
        if hint(name) in (Type.MODULE, Type.OPTIMIZER):
            wholes = [(one, list(one.owners())[-1]) for one in objects_in(value) if not one.certain]
            made = [one for one, whole in wholes if "unseen" in whole.facts and whole.graph is not Graph.YES]
            self.emit(Kind.MAKE, made, node, how="unseen")

    def _rebound(self, target: ast.Name | ast.Attribute, value: Value) -> None:
        """What a name stood for is lost to it where a statement binds it to something computed from that."""
        for new in objects_in(value):
            if new.type in _LASTING or not new.sources:
                continue
            nearest = [*new.sources, *(inner for source in new.sources for inner in source.sources)]
            if not any(self.is_like(t, *_LASTING) for t in nearest):
                continue
            with self.silently():
                before = list(objects_in(self.evaluate(target)))
            old = [t for t in before if any(t is one for one in nearest) and self.is_like(t, *_LASTING)]
            made = self.statement.value if isinstance(self.statement, ast.Assign) else target
            if "load result" in new.facts:
                # What is made in the same expression is lost; a report alone is not kept in an attribute.
                lost = [t for t in new.sources if not t.name and t.type in _LASTING]
                attribute = isinstance(target, ast.Attribute)
                meant = hint(as_text(target)) in _LASTING
                old += [t for t in lost if meant or (attribute and t.place and _within(t.place, self.place(made)))]
            bound = self.statement.targets if isinstance(self.statement, ast.Assign) else [target]
            if old and any(part is target for whole in bound for part in nodes(whole)):
                read = ast.parse(as_text(target), mode="eval").body
                options: dict[str, object] = {"read again": self._read_after(read, made)}
                self.emit(Kind.REBIND, old[:1], made, object=new, how="=", options=options, written=as_text(target))

    def _take_apart(self, target: ast.Tuple | ast.List, value: Value) -> None:
        starred = any(isinstance(element, ast.Starred) for element in target.elts)
        for index, element in enumerate(target.elts):
            item: Value
            if starred:
                item = self.element(value, element)
            else:
                item = either(self._part_at(one, index, element) for one in alternatives(value))
            self.assign(element, item)

    def _part_at(self, value: Value, index: int, node: ast.expr) -> Value:
        if isinstance(value, Collection):
            if index in value.items:
                return value.items[index]
            found = self.element(value, node)
            if isinstance(found, AbstractObject) and found.type is Type.OPTIMIZER and not value.items:
                # `first, second = [SGD(net.parameters(), lr=0.1) for net in nets]`
                part = self._optimizer_at(found, index)
                part.sources = found.sources
                return part
            return found
        if isinstance(value, AbstractObject):
            if value.type is Type.NUMBER:
                return self.number(node)
            if value.type is Type.PARAMETERS and value.given and index < 2:
                # `for name, parameter in model.named_parameters()`
                return value if index else self.number(node)
            if value.type in (Type.OPTIMIZER,) and value.given:
                return (
                    self.item_of(value, Const(index), node)
                    if not value.name.endswith("optimizers()")
                    else self._optimizer_at(value, index)
                )
            return self.item_of(value, Const(index), node)
        return self.make(node, role="part")

    def _optimizer_at(self, value: AbstractObject, index: int) -> AbstractObject:
        part = self.part(value, f"[{index}]")
        part.owner, part.type, part.certain = None, Type.OPTIMIZER, True
        return part

    def set_attribute(self, thing: AbstractObject, name: str, value: Value, node: ast.AST) -> None:
        """`thing.name = value`."""
        self.effects += 1
        if name == "grad":
            cleared = (isinstance(value, Const) and value.value is None) or any(
                one.constructor in ("torch.zeros_like", "torch.zeros") or one.constructor.endswith(".zero_")
                for one in objects_in(value)
            )
            self.emit(Kind.CLEAR, (thing,), node, how="grad = None" if cleared else "grad")
            if not cleared:
                self.emit(Kind.BACKWARD, (thing,), node, how="grad")
            return
        self._made_elsewhere(name, value, node)
        if isinstance(value, AbstractObject):
            if not value.name and value.type is not Type.NUMBER:
                value.name = f"{thing.name}.{name}" if thing.name else name
            if (
                thing.type is Type.MODULE
                and value.type is Type.MODULE
                and value.owner is None
                and value not in thing.owners()
            ):
                value.owner = thing
        described: dict[str, object] = {"value": value.value} if isinstance(value, Const) else {}
        if isinstance(self.statement, ast.Assign) and len(self.statement.targets) == 1:
            described["written"] = as_text(self.statement.value)
        if isinstance(value, AbstractObject) and value.constructor in RANDOM_STATES:
            described["drawn from by"] = self._methods_with(thing, name)
        if name in MISSPELLED:
            described["meant"] = "requires_grad"
        if (
            name == "requires_grad"
            and not thing.given
            and thing.type in (Type.TENSOR, Type.UNKNOWN)
            and not isinstance(thing, Instance)
        ) and not (isinstance(value, Const) and not value.value):
            thing.facts |= {"leaf"}
            self.emit(Kind.LEAF, (thing,), node, object=thing, how="requires_grad")
        self.state.set(thing, name, value, self.flow.now)
        if thing.type in (Type.MODULE, Type.PARAMETERS, Type.TENSOR, Type.UNKNOWN, Type.ENGINE):
            self.emit(
                Kind.ASSIGN,
                (thing,),
                node,
                object=next(objects_in(value), None),
                how=name,
                options=described,
                written=as_text(node.value) if isinstance(node, ast.Attribute) else "",
            )
        if isinstance(value, AbstractObject) and "state" in value.facts:
            made = self.statement.value if isinstance(self.statement, ast.Assign) else node
            options: dict[str, object] = {"for others": not attribute_looked_at(self.module.tree, name)}
            self.emit(Kind.SNAPSHOT, value.sources, made, object=value, how="state_dict", options=options)
        if isinstance(self.statement, ast.Assign):
            self._snapshots_in(value, self.statement.value)

    def _methods_with(self, thing: AbstractObject, name: str) -> frozenset[str]:
        """The methods that read a random state which is set once, when the object is made; none where another method
        sets it anew, or where the class knows of workers."""
        if not isinstance(thing, Instance) or thing.cls is None:
            return frozenset()
        members = [member for base in self.lineage(thing.cls) if isinstance(base, Class) for member in base.node.body]
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
        self.effects += 1
        index = self.evaluate(target.slice)
        for thing in objects_in(self.evaluate(target.value)):
            if not isinstance(thing, Collection):
                self._write_into(thing, value)
                if "grad" in thing.facts:
                    self.emit(Kind.CLEAR, thing.sources or (thing,), target, how="grad[...]")
                if thing.owner is not None and isinstance(value, AbstractObject):
                    owner = list(thing.owners())[-1]
                    self.emit(
                        Kind.ASSIGN,
                        (owner,),
                        target,
                        object=value,
                        how=as_text(target).partition(".")[2],
                        written=owner.name,
                    )
                elif self.is_like(thing, Type.MODULE) and isinstance(value, AbstractObject):
                    how = f"[{as_text(target.slice)}]"
                    self.emit(Kind.ASSIGN, (thing,), target, object=value, how=how, written=thing.name)
                continue
            for one in objects_in(value):
                if "state" in one.facts:
                    self.emit(Kind.SNAPSHOT, one.sources, target, object=one, how="state_dict")
            if isinstance(index, Const) and not isinstance(index.value, list | dict):
                thing.items[index.value] = value
            else:
                taken = self.graph(value) is not Graph.NO and self._read_before(target)
                self.keep(thing, value, target, "[]", None, taken=taken)
                thing.more = (*thing.more, value)[-12:]
            thing.sources = (*thing.sources, *self.objects((value,)))[-24:]

    def _read_before(self, target: ast.Subscript) -> bool:
        """Whether the code in front of an entry that is set reads the same entry: a state that is carried on."""
        text = as_text(target)
        return any(
            isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load) and as_text(n) == text
            for n in nodes(self.frame.function or self.module.tree)
            if getattr(n, "lineno", target.lineno + 1) <= target.lineno
        )

    def _write_into(self, tensor: AbstractObject, value: Value) -> None:
        """A tensor without a graph holds one once results are written into it."""
        if tensor.type in (Type.TENSOR, Type.UNKNOWN) and tensor.graph is Graph.NO:
            tensor.graph = self.graph_of((value,))
            if tensor.graph is not Graph.NO:
                tensor.sources = (*tensor.sources, *self.objects((value,)))

    def _snapshot(self, target: ast.expr, value: Value, node: ast.Assign) -> None:
        if isinstance(target, ast.Name):
            for thing in objects_in(value):
                if "state" in thing.facts:
                    self.emit(Kind.SNAPSHOT, thing.sources, node.value, object=thing, how="state_dict")
            self._snapshots_in(value, node.value)

    def _snapshots_in(self, value: Value, node: ast.expr) -> None:
        """States that are written out as entries of a dict which is kept."""
        if isinstance(node, ast.Dict) and isinstance(value, Collection):
            for key, entry in zip(node.keys, node.values, strict=True):
                kept = value.items.get(key.value) if isinstance(key, ast.Constant) else None
                for thing in objects_in(kept):
                    if "state" in thing.facts:
                        self.emit(Kind.SNAPSHOT, thing.sources, entry, object=thing, how="state_dict")

    def _adds_to_itself(self, value: ast.expr, name: str) -> bool:
        """`total = total + loss`, also within a longer sum, also `total = total.to(device) + loss`."""
        while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            if any(_stands_for(side, name) for side in (value.left, value.right)):
                return True
            value = value.left
        return False

    def _accumulate_name(self, name: str, value: Value, node: ast.stmt, added: ast.expr) -> None:
        if isinstance(added, ast.BinOp) and isinstance(added.op, ast.Add) and isinstance(node, ast.Assign):
            added = added.right if _stands_for(added.left, name) else added.left
            with self.silently():
                part = self.evaluate(added)
        else:
            part = value
        subject = self.accumulator(name)
        self.keep(subject, part, node, "+=", added)
        total = self.derived(node, (subject, value), role="sum")
        total.name = name
        self._spread(total, value, part)
        before = self.state.get((id(self.bound_at(name)[0]), name))
        if self.graph(part) is Graph.NO and (before is None or self.graph(before) is Graph.NO):
            total.type, total.graph = Type.NUMBER, Graph.NO
        self.bind(name, total, node)

    def _spread(self, total: AbstractObject, *values: Value) -> None:
        for value in values:
            for one in objects_in(value):
                total.facts |= one.facts & {"graded", "cut off"}

    def _augmented(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            self.effects += 1
        value = self.evaluate(node.value)
        adds = isinstance(node.op, ast.Add)
        match node.target:
            case ast.Name():
                before = self.lookup(node.target.id, node.target)
                if isinstance(before, Collection) and adds:
                    self.keep(before, self.element(value, node), node, "extend", node.value)
                    before.more = (*before.more, *(value.elements() if isinstance(value, Collection) else (value,)))[
                        -12:
                    ]
                    before.sources = (*before.sources, *self.objects((value,)))[-24:]
                elif adds:
                    self._accumulate_name(node.target.id, value, node, node.value)
                    after = self.state.get((id(self.bound_at(node.target.id)[0]), node.target.id))
                    if isinstance(after, AbstractObject) and isinstance(before, AbstractObject) and after is not before:
                        after.sources = (*after.sources, before) if before not in after.sources else after.sources
                        if self.graph(before) is Graph.YES:
                            after.graph, after.type = self.gradients, Type.TENSOR
                else:
                    result = self.derived(node, (before, value))
                    self._spread(result, before)
                    self.bind(node.target.id, result, node)
            case ast.Attribute():
                before = self.evaluate(node.target)
                for thing in objects_in(self.evaluate(node.target.value)):
                    if node.target.attr == "grad":
                        if isinstance(node.op, ast.Mult) and isinstance(value, Const) and value.value == 0:
                            self.emit(Kind.CLEAR, (thing,), node, how="grad *= 0")
                        continue
                    if adds:
                        self._accumulate_attribute(thing, node, before, value)
                    else:
                        self.state.set(thing, node.target.attr, self.derived(node, (before, value)), self.flow.now)
            case ast.Subscript():
                owners = list(objects_in(self.evaluate(node.target.value)))
                index = self.evaluate(node.target.slice)
                for thing in owners:
                    if adds:
                        before = self.item_of(thing, index, node.target)
                        if not any("grad" in one.facts for one in objects_in(before)):
                            self.keep(self._entry(thing, index), value, node, "+=", node.value)
                    if isinstance(thing, Collection):
                        total = self.derived(node, (self._entry(thing, index), value), role="sum")
                        if isinstance(index, Const) and not isinstance(index.value, list | dict):
                            thing.items[index.value] = total
                        elif not any(total is one for one in thing.more):
                            thing.more = (*thing.more, total)[-12:]
                        thing.sources = (*thing.sources, total)[-24:]

    def _accumulate_attribute(self, thing: AbstractObject, node: ast.AugAssign, before: Value, value: Value) -> None:
        assert isinstance(node.target, ast.Attribute)
        name = node.target.attr
        if isinstance(before, Collection):
            self.keep(before, self.element(value, node), node, "extend", node.value)
            before.sources = (*before.sources, *self.objects((value,)))[-24:]
            return
        slot = self.part(thing, f"{name} (sum)")
        slot.loops = thing.loops
        self.keep(slot, value, node, "+=", node.value)
        total = self.derived(node, (slot, before, value), role="sum")
        total.name = f"{thing.name}.{name}"
        self.state.set(thing, name, total, self.flow.now)

    def _entry(self, thing: AbstractObject, index: Value) -> AbstractObject:
        """The place in a collection that a sum is kept in."""
        if isinstance(index, Const):
            slot = self.part(thing, f"[{index.value!r}] (sum)")
            slot.loops, slot.owner = thing.loops, None
            slot.name = f"{thing.name}[{index.value!r}]"
            return slot
        return thing

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr == "grad":
                self.emit(Kind.CLEAR, objects_in(self.evaluate(target.value)), node, how="del grad")
            if isinstance(target, ast.Subscript) and _is_all(target.slice):
                self.emit(Kind.EMPTY, objects_in(self.evaluate(target.value)), node, how="del")
            if isinstance(target, ast.Name):
                self.state.set(self._home(target.id), target.id, self.given(node, target.id, "deleted"), self.flow.now)


def _within(inner: Place, outer: Place) -> bool:
    """Whether a place lies in another one."""
    return inner.path == outer.path and (
        (outer.row, outer.column) <= (inner.row, inner.column)
        and (inner.end_row, inner.end_column) <= (outer.end_row, outer.end_column)
    )


def _is_all(index: ast.expr) -> bool:
    return isinstance(index, ast.Slice) and index.lower is index.upper is index.step is None


def _stands_for(node: ast.expr, name: str) -> bool:
    """Whether an expression is a name, at most moved to a device or type."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KEEPS_IDENTITY:
        node = node.func.value
    return isinstance(node, ast.Name) and node.id == name
