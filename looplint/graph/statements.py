"""Statements: in which order things happen, and what names stand for afterwards."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from looplint.events import EVERYTHING, Graph, Guard, Kind, Thing, Type
from looplint.graph.calls import Calls
from looplint.graph.conditions import guards_of, is_periodic
from looplint.graph.context import Jumps, entered
from looplint.graph.objects import _decorator
from looplint.outline import names_in
from looplint.recognize.names import hint, is_validation
from looplint.recognize.python import EXHAUSTS, HARMLESS, ONE_SHOT, PASSED_ON
from looplint.recognize.torch import (
    ACT_WHEN_MADE,
    CLIPPING,
    CONTEXT_METHODS,
    CONTEXTS,
    KEEPS_IDENTITY,
    RANDOM_STATES,
    TENSOR_MAKERS,
)
from looplint.state import Changes
from looplint.values import (
    Class,
    Collection,
    Const,
    Function,
    Instance,
    Value,
    alternatives,
    either,
    things,
)

MISSPELLED = frozenset(
    (
        "require_grad",
        "requires_grads",
        "require_grads",
        "required_grad",
        "requires_gradient",
        "requiresgrad",
        "requires_gard",
    )
)
"""Attributes that are set in the belief that they were `requires_grad`."""

MOVES = frozenset(("to", "cuda", "cpu", "xpu", "double", "float", "half", "bfloat16"))
"""Methods that move a module in place, and give another tensor of a tensor."""

MAY_BE_MEANT_AS_CALL = frozenset(("step", "zero_grad", "backward", "eval", "train", "update"))


_LASTING = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCHEDULER, Type.PARAMETERS))
"""What training goes on with, so that it matters whether a name still stands for it."""


class Statements(Calls):
    """Reads statements."""

    def block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            if not self.flow.ends:
                return
            self.statement = statement
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                handler(self, statement)

    # Simple statements

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Attribute):
            receiver = self.evaluate(value.value)
            if value.attr in MAY_BE_MEANT_AS_CALL:
                found = [t for t in things(receiver) if self._trains(t, value.attr)]
                self.emit(Kind.REFERENCE, found, value, how=value.attr, written=ast.unparse(value.value))
            return
        if isinstance(value, ast.Constant) and value.value is Ellipsis:
            # What an excerpt leaves out may do anything.
            self.emit(Kind.ESCAPE, (EVERYTHING,), value, how="left out")
            return
        result = self.evaluate(value)
        if isinstance(value, ast.Call):
            self._switch_gradients(value, result)
            name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            found = [t for t in things(result) if "context" in t.facts and t.made_by not in ACT_WHEN_MADE]
            self.emit(Kind.DISCARD, found, value, how=name, written=ast.unparse(value.func))
            self._moved(value, result)

    def _moved(self, node: ast.Call, result: Value) -> None:
        """`inputs.to(device)` as a statement: of a tensor it makes another one, which is dropped."""
        if not (isinstance(node.func, ast.Attribute) and node.func.attr in MOVES):
            return
        receiver = node.func.value
        if not isinstance(receiver, ast.Name | ast.Attribute | ast.Subscript):
            return
        found = list(things(result))
        known = [is_tensor(t) for t in found]
        if found and all(sure or _unpacked(t) for sure, t in zip(known, found, strict=True)):
            options: dict[str, object] = {"tensor": all(known), "read again": self._read_after(receiver, node)}
            written = ast.unparse(receiver)
            self.emit(Kind.DISCARD, found, node, how=node.func.attr, written=written, options=options)

    def _read_after(self, expression: ast.expr, node: ast.expr) -> bool:
        """Whether the code behind `node`, or another method, reads an expression otherwise than to drop it again."""
        whole = self.frame.owner is not None and isinstance(expression, ast.Attribute)
        around = self.frame.owner.node if self.frame.owner is not None and whole else self.frame.function
        text, dropped = ast.dump(expression), set[int]()
        found = []
        for n in ast.walk(around or self.module.tree):
            if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Attribute):
                dropped.add(id(n.value.func.value))
            elif isinstance(n, type(expression)) and (whole or n.lineno > node.lineno) and ast.dump(n) == text:
                found.append(n)
        return any(id(n) not in dropped for n in found)

    def _switch_gradients(self, node: ast.Call, result: Value) -> None:
        """`torch.set_grad_enabled(False)` as a statement acts on all that follows."""
        if not any(t.made_by == "torch.set_grad_enabled" for t in things(result)):
            return
        flag = node.args[0] if node.args else None
        name = "set_grad_enabled"
        if isinstance(flag, ast.Constant):
            name = "enable_grad" if flag.value else "no_grad"
        self.contexts = entered(self.contexts, name)

    def _trains(self, thing: Thing, method: str) -> bool:
        match method:
            case "step" | "zero_grad":
                return self.is_like(thing, Type.OPTIMIZER, Type.MODULE, Type.SCHEDULER, Type.ENGINE)
            case "backward":
                return self.is_like(thing, Type.TENSOR) or "graded" in thing.facts
            case "eval" | "train":
                return self.is_like(thing, Type.MODULE, Type.ENGINE)
        return self.is_like(thing, Type.SCALER)

    def _assign_statement(self, node: ast.Assign) -> None:
        value = self.evaluate(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and self._adds_to_itself(node.value, target.id):
                self._accumulate_name(target.id, value, node, node.value)
            else:
                self.assign(target, value)
                self._snapshot(target, value, node)
            if isinstance(target, ast.Name) and (_gives_iterator(node.value) or self._is_spent(node.value, value)):
                self._made_iterator(target, node.value, value)

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
                self.bind(target.id, value, target)
                counted = self.given(target, target.id, f"accumulator {self.chain}")
                counted.loops = self.flow.loops
                self.state.set(self._home(target.id), f"@{target.id}", counted, self.flow.now)
                if self._iterator_of(target.id) is not None:
                    self.state.set(self._home(target.id), f"*{target.id}", Const(None), self.flow.now)
            case ast.Tuple() | ast.List():
                self._take_apart(target, value)
            case ast.Starred():
                self.assign(target.value, value)
            case ast.Attribute():
                self._rebound(target, value)
                for thing in things(self.evaluate(target.value)):
                    self.set_attribute(thing, target.attr, value, target)
            case ast.Subscript():
                self._set_item(target, value)

    def _made_iterator(self, target: ast.Name, made: ast.expr, value: Value) -> None:
        """A name is bound to what can be gone through once, whatever it goes over."""
        iterator, _ = self.thing(made, "iterator")
        iterator.name, iterator.type, iterator.place = target.id, Type.OTHER, self.place(made)
        parameters = [t for one in things(value) for t in one.ancestry() if t.type is Type.PARAMETERS]
        if parameters:
            self._has_one_shots = True
            iterator.sources = tuple(parameters)
            self.emit(Kind.MAKE, (iterator,), made, how=ast.unparse(made))
        self.state.set(self._home(target.id), f"*{target.id}", iterator, self.flow.now)

    _has_one_shots = False

    def call(self, node: ast.Call) -> Value:
        result = super().call(node)
        if self._has_one_shots:
            self._handed_on(node, result)
        return result

    def _handed_on(self, node: ast.Call, result: Value) -> None:
        """Iterators over parameters that a call is given: some calls go through them, of others that is not known."""
        name = _called(node)
        parts = [part for given in (*node.args, *(k.value for k in node.keywords)) for part in _shown_in(given)]
        handed = [n for n in parts if isinstance(n, ast.Name) and isinstance(self._iterator_of(n.id), Thing)]
        if not handed or (isinstance(node.func, ast.Name) and name in (HARMLESS | PASSED_ON)):
            return
        optimizer = any(one.type is Type.OPTIMIZER and one.certain for one in things(result))
        for given in handed:
            if optimizer or name in EXHAUSTS or CLIPPING.search(name):
                self.gone_through(given, name, node)
            else:
                self.state.set(self._home(given.id), f"*{given.id}", Const(None), self.flow.now)

    def _is_spent(self, node: ast.expr, value: Value) -> bool:
        """Whether an expression gives parameters that can be gone through once, as `Module.parameters` does."""
        made = self.place(node)
        return isinstance(node, ast.Call) and any("one shot" in t.facts and t.place == made for t in things(value))

    def _iterator_of(self, name: str) -> Value | None:
        return self.state.get((id(self.bound_at(name)[0]), f"*{name}"))

    def _goes_through(self, node: ast.For | ast.AsyncFor) -> None:
        """A `for` over a name that surely stands for an iterator, also through `enumerate` and `tqdm`."""
        over = node.iter
        if isinstance(over, ast.Call) and over.args and _called(over) in PASSED_ON:
            over = over.args[0]
        left = any(isinstance(n, ast.Break | ast.Return) for statement in node.body for n in ast.walk(statement))
        self.gone_through(over, "for", node.iter, left=left)

    def gone_through(self, node: ast.expr, how: str, at: ast.AST | None = None, *, left: bool = False) -> None:
        """A name that surely stands for an iterator is gone through here. `left`: maybe not to its end."""
        if isinstance(node, ast.Name) and isinstance(iterator := self._iterator_of(node.id), Thing):
            self.emit(Kind.ITERATE, (iterator,), at or node, how=how, options={"left": left}, written=node.id)

    def _rebound(self, target: ast.Name | ast.Attribute, value: Value) -> None:
        """What a name stood for is lost to it where the name is bound to something computed from that."""
        for new in things(value):
            if new.type in _LASTING or not new.sources:
                continue
            nearest = [*new.sources, *(inner for source in new.sources for inner in source.sources)]
            if not any(self.is_like(t, *_LASTING) for t in nearest):
                continue
            with self.silently():
                before = list(things(self.evaluate(target)))
            old = [t for t in before if any(t is one for one in nearest) and self.is_like(t, *_LASTING)]
            if "load result" in new.facts and hint(ast.unparse(target)) in _LASTING:
                old += [t for t in new.sources if not t.name and t.type in _LASTING]
            made = self.statement.value if isinstance(self.statement, ast.Assign) else target
            if old:
                read = ast.parse(ast.unparse(target), mode="eval").body
                options: dict[str, object] = {"read again": self._read_after(read, made)}
                self.emit(Kind.REBIND, old[:1], made, object=new, how="=", options=options, written=ast.unparse(target))

    def _home(self, name: str) -> object:
        frame = self.frame
        return frame.module.frame if name in frame.globals else self.bound_at(name)[0] or frame

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
            return self.element(value, node)
        if isinstance(value, Thing):
            if value.type is Type.NUMBER:
                return self.number(node)
            if value.type in (Type.OPTIMIZER,) and value.given:
                return (
                    self.item_of(value, Const(index), node)
                    if not value.name.endswith("optimizers()")
                    else self._optimizer_at(value, index)
                )
            return self.item_of(value, Const(index), node)
        return self.make(node, role="part")

    def _optimizer_at(self, value: Thing, index: int) -> Thing:
        part = self.part(value, f"[{index}]")
        part.owner, part.type, part.certain = None, Type.OPTIMIZER, True
        return part

    def set_attribute(self, thing: Thing, name: str, value: Value, node: ast.AST) -> None:
        """`thing.name = value`."""
        self.effects += 1
        if name == "grad":
            cleared = (isinstance(value, Const) and value.value is None) or any(
                one.made_by in ("torch.zeros_like", "torch.zeros") or one.made_by.endswith(".zero_")
                for one in things(value)
            )
            self.emit(Kind.CLEAR, (thing,), node, how="grad = None" if cleared else "grad")
            if not cleared:
                self.emit(Kind.BACKWARD, (thing,), node, how="grad")
            return
        if isinstance(value, Thing):
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
            described["written"] = ast.unparse(self.statement.value)
        if isinstance(value, Thing) and value.made_by in RANDOM_STATES:
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
                object=next(things(value), None),
                how=name,
                options=described,
                written=ast.unparse(node.value) if isinstance(node, ast.Attribute) else "",
            )
        if isinstance(value, Thing) and "state" in value.facts:
            made = self.statement.value if isinstance(self.statement, ast.Assign) else node
            self.emit(Kind.SNAPSHOT, value.sources, made, object=value, how="state_dict")
        if isinstance(self.statement, ast.Assign):
            self._snapshots_in(value, self.statement.value)

    def _methods_with(self, thing: Thing, name: str) -> frozenset[str]:
        """The methods that read a random state which is set once, when the object is made; none where another method
        sets it anew, or where the class knows of workers."""
        if not isinstance(thing, Instance) or thing.cls is None:
            return frozenset()
        members = [member for base in self.lineage(thing.cls) if isinstance(base, Class) for member in base.node.body]
        methods = [m for m in members if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
        stored = [
            (m.name, isinstance(n.ctx, ast.Store))
            for m in methods
            for n in ast.walk(m)
            if isinstance(n, ast.Attribute) and n.attr == name
        ]
        again = any(method != "__init__" and stores for method, stores in stored)
        if again or any("worker_info" in word for m in methods for word in names_in(m)):
            return frozenset()
        return frozenset(method for method, stores in stored if not stores)

    def _set_item(self, target: ast.Subscript, value: Value) -> None:
        self.effects += 1
        index = self.evaluate(target.slice)
        for thing in things(self.evaluate(target.value)):
            if not isinstance(thing, Collection):
                self._write_into(thing, value)
                if thing.owner is not None and isinstance(value, Thing):
                    owner = list(thing.owners())[-1]
                    self.emit(
                        Kind.ASSIGN,
                        (owner,),
                        target,
                        object=value,
                        how=ast.unparse(target).partition(".")[2],
                        written=owner.name,
                    )
                elif self.is_like(thing, Type.MODULE) and isinstance(value, Thing):
                    how = f"[{ast.unparse(target.slice)}]"
                    self.emit(Kind.ASSIGN, (thing,), target, object=value, how=how, written=thing.name)
                continue
            for one in things(value):
                if "state" in one.facts:
                    self.emit(Kind.SNAPSHOT, one.sources, target, object=one, how="state_dict")
            if isinstance(index, Const) and not isinstance(index.value, list | dict):
                thing.items[index.value] = value
            else:
                self.keep(thing, value, target, "[]", None)
                thing.more = (*thing.more, value)[-12:]
            thing.sources = (*thing.sources, *self.objects((value,)))[-24:]

    def _write_into(self, tensor: Thing, value: Value) -> None:
        """A tensor without a graph holds one once results are written into it."""
        if tensor.type in (Type.TENSOR, Type.UNKNOWN) and tensor.graph is Graph.NO:
            tensor.graph = self.graph_of((value,))
            if tensor.graph is not Graph.NO:
                tensor.sources = (*tensor.sources, *self.objects((value,)))

    def _snapshot(self, target: ast.expr, value: Value, node: ast.Assign) -> None:
        if isinstance(target, ast.Name):
            for thing in things(value):
                if "state" in thing.facts:
                    self.emit(Kind.SNAPSHOT, thing.sources, node.value, object=thing, how="state_dict")
            self._snapshots_in(value, node.value)

    def _snapshots_in(self, value: Value, node: ast.expr) -> None:
        """States that are written out as entries of a dict which is kept."""
        if isinstance(node, ast.Dict) and isinstance(value, Collection):
            for key, entry in zip(node.keys, node.values, strict=True):
                kept = value.items.get(key.value) if isinstance(key, ast.Constant) else None
                for thing in things(kept):
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

    def _spread(self, total: Thing, *values: Value) -> None:
        for value in values:
            for one in things(value):
                total.facts |= one.facts & {"graded"}

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
                    if isinstance(after, Thing) and isinstance(before, Thing) and after is not before:
                        after.sources = (*after.sources, before) if before not in after.sources else after.sources
                        if self.graph(before) is Graph.YES:
                            after.graph, after.type = self.gradients, Type.TENSOR
                else:
                    result = self.derived(node, (before, value))
                    self._spread(result, before)
                    self.bind(node.target.id, result, node)
            case ast.Attribute():
                before = self.evaluate(node.target)
                for thing in things(self.evaluate(node.target.value)):
                    if node.target.attr == "grad":
                        if isinstance(node.op, ast.Mult) and isinstance(value, Const) and value.value == 0:
                            self.emit(Kind.CLEAR, (thing,), node, how="grad *= 0")
                        continue
                    if adds:
                        self._accumulate_attribute(thing, node, before, value)
                    else:
                        self.state.set(thing, node.target.attr, self.derived(node, (before, value)), self.flow.now)
            case ast.Subscript():
                owners = list(things(self.evaluate(node.target.value)))
                index = self.evaluate(node.target.slice)
                for thing in owners:
                    if adds:
                        before = self.item_of(thing, index, node.target)
                        if not any("grad" in one.facts for one in things(before)):
                            self.keep(self._entry(thing, index), value, node, "+=", node.value)
                    if isinstance(thing, Collection):
                        total = self.derived(node, (self._entry(thing, index), value), role="sum")
                        if isinstance(index, Const) and not isinstance(index.value, list | dict):
                            thing.items[index.value] = total
                        thing.sources = (*thing.sources, total)[-24:]

    def _accumulate_attribute(self, thing: Thing, node: ast.AugAssign, before: Value, value: Value) -> None:
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

    def _entry(self, thing: Thing, index: Value) -> Thing:
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
                self.emit(Kind.CLEAR, things(self.evaluate(target.value)), node, how="del grad")
            if isinstance(target, ast.Name):
                self.state.set(self._home(target.id), target.id, self.given(node, target.id, "deleted"), self.flow.now)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        function = Function(node, self.frame)
        self.defined.append(function)
        self.state.set(self.frame, node.name, function, self.flow.now)

    def _define_class(self, node: ast.ClassDef) -> None:
        self.state.set(self.frame, node.name, Class(node, self.frame), self.flow.now)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            value = self.imported(node, bound)
            if value is not None:
                self.state.set(self.frame, bound, value, self.flow.now)

    def _global(self, node: ast.Global) -> None:
        self.frame.globals |= set(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.frame.nonlocals |= set(node.names)

    def _assert(self, node: ast.Assert) -> None:
        self.evaluate(node.test)

    # Jumps

    def _return(self, node: ast.Return) -> None:
        value = self.evaluate(node.value) if node.value is not None else Const(None)
        if self.exits:
            exits = self.exits[-1]
            exits.values.append(value)
            exits.states.append(self.state.changes(exits.mark))
            self.flow.jump(exits.target)
        else:
            self.flow.ends = []

    def _raise(self, node: ast.Raise) -> None:
        self.effects += 1
        if node.exc is not None:
            self.evaluate(node.exc)
        self.flow.ends = []

    def _break(self, node: ast.Break) -> None:
        if self.jumps:
            self.jumps[-1].leave_states.append(self.state.changes(self.jumps[-1].mark))
            self.flow.jump(self.jumps[-1].leave)

    def _continue(self, node: ast.Continue) -> None:
        if self.jumps:
            self.jumps[-1].again_states.append(self.state.changes(self.jumps[-1].mark))
            self.flow.jump(self.jumps[-1].again)

    # Branches

    def part_ways(self, arms: Sequence[tuple[Guard | None, Callable[[], None]]]) -> None:
        """Read each arm from the same state, then go on with what any of them leads to."""
        mark = self.state.mark()
        ways: list[Changes] = []

        def reading(walk: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                walk()
                if self.flow.ends:
                    ways.append(self.state.changes(mark))
                self.state.rollback(mark)

            return run

        self.flow.branch([(guard, reading(walk)) for guard, walk in arms])
        if ways:
            self.state.merge(ways, self.flow.now)

    def _if(self, node: ast.If) -> None:
        test = self.evaluate(node.test)
        decided = self._decided(node.test, test)
        if decided is not None:
            self.block(node.body if decided else node.orelse)
            return
        yes, no = guards_of(self, node.test)
        extra = ["periodic"] if is_periodic(node.test) else []

        def then() -> None:
            self._parts_known(node.test, True)
            with self.within(*extra):
                self.block(node.body)

        def otherwise() -> None:
            self._parts_known(node.test, False)
            self.block(node.orelse)

        self.part_ways([(yes, then), (no, otherwise)])

    def _parts_known(self, test: ast.expr, holds: bool) -> None:
        """Of `a and b` both hold where it holds, of `a or b` neither holds where it does not."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self._parts_known(test.operand, not holds)
        elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And if holds else ast.Or):
            for part in test.values:
                self.flow.require(guards_of(self, part)[0 if holds else 1])
                self._parts_known(part, holds)

    def _decided(self, test: ast.expr, value: Value) -> bool | None:
        """Which way a condition goes, where the code itself says so: a constant, an argument written out in the
        call."""
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            return isinstance(test.ops[0], ast.Eq)
        if isinstance(value, Const) and (value.argument or isinstance(test, ast.Constant)):
            return bool(value.value)
        return None

    def _match(self, node: ast.Match) -> None:
        self.evaluate(node.subject)

        def case(one: ast.match_case) -> Callable[[], None]:
            def walk() -> None:
                for name in (
                    n.name for n in ast.walk(one.pattern) if isinstance(n, ast.MatchAs | ast.MatchStar) and n.name
                ):
                    self.bind(name, self.given(one, name), one.pattern)
                if one.guard is not None:
                    self.evaluate(one.guard)
                self.block(one.body)

            return walk

        arms: list[tuple[Guard | None, Callable[[], None]]] = [(None, case(one)) for one in node.cases]
        last = node.cases[-1]
        if not (isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None):
            arms.append((None, lambda: None))
        self.part_ways(arms)

    def _try(self, node: ast.Try) -> None:
        def body() -> None:
            self.block(node.body)
            self.block(node.orelse)

        def handle(handler: ast.ExceptHandler) -> Callable[[], None]:
            def walk() -> None:
                if handler.name:
                    self.bind(handler.name, self.make(handler, Type.OTHER, role="error"), handler)
                self.block(handler.body)

            return walk

        def guarded() -> None:
            if node.handlers:
                self.part_ways([(None, body), *((None, handle(handler)) for handler in node.handlers)])
            else:
                body()

        if node.finalbody:
            self._on_every_way_out(guarded, lambda: self.block(node.finalbody))
        else:
            guarded()

    def _on_every_way_out(self, body: Callable[[], None], last: Callable[[], None]) -> None:
        """Read `body`, and `last` behind it wherever it is left: at its end, by `return`, `break` or `continue`."""
        targets = [exits.target for exits in self.exits[-1:]]
        targets += [target for jumps in self.jumps[-1:] for target in (jumps.leave, jumps.again)]
        before = [target.ends for target in targets]
        for target in targets:
            target.ends = []
        body()
        statement, end = self.statement, self.flow.ends
        left = [target.ends for target in targets]
        for target, earlier in zip(targets, before, strict=True):
            target.ends = earlier
        for target, ends in zip(targets, left, strict=True):
            if ends:
                mark = self.state.mark()
                self.flow.ends = ends
                last()
                self.flow.jump(target)
                self.state.rollback(mark)
        self.statement, self.flow.ends = statement, end
        if end:
            last()

    # Contexts

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self._enter(node, 0)

    def _enter(self, node: ast.With | ast.AsyncWith, index: int) -> None:
        if index == len(node.items):
            self.block(node.body)
            return
        item = node.items[index]
        expression = item.context_expr

        def inside() -> None:
            self._enter(node, index + 1)

        manager = self._generator_manager(expression)
        if manager is not None:
            self._through_generator(manager, expression, item.optional_vars, inside)
            return
        value = self.evaluate(expression)
        names = self._context_names(expression, value)
        entered: Value = value
        instance = next((t for t in things(value) if isinstance(t, Instance) and t.cls is not None), None)
        if instance is not None and instance.cls is not None:
            found = self.find_method(instance.cls, "__enter__")
            if found is not None:
                entered = self.call_function(Function(found[0], found[1].frame, instance, found[1]), [], {}, expression)
        if item.optional_vars is not None:
            if "scale_loss" in names and isinstance(expression, ast.Call) and expression.args:
                entered = self.evaluate(expression.args[0])
            self.assign(item.optional_vars, entered)

        def within() -> None:
            with self.within(*names):
                inside()

        found = (
            self.find_method(instance.cls, "__exit__") if instance is not None and instance.cls is not None else None
        )
        if found is None:
            within()
            return
        leave = Function(found[0], found[1].frame, instance, found[1])
        error: list[Value] = [Const(None)] * 3

        def exit_() -> None:
            self.call_function(leave, error, {}, expression)

        self._on_every_way_out(within, exit_)

    def _context_names(self, expression: ast.expr, value: Value) -> list[str]:
        """The contexts that a `with` item puts around its body."""
        names = []
        for one in things(value):
            name = CONTEXTS.get(one.made_by)
            if name == "set_grad_enabled" and isinstance(expression, ast.Call) and expression.args:
                flag = expression.args[0]
                if isinstance(flag, ast.Constant):
                    name = "enable_grad" if flag.value else "no_grad"
            if name is not None:
                names.append(name)
        if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
            if expression.func.attr in CONTEXT_METHODS:
                names.append(CONTEXT_METHODS[expression.func.attr])
            elif expression.func.attr in ("no_grad", "inference_mode", "autocast") and not names:
                names.append(expression.func.attr)
        if isinstance(expression, ast.IfExp):
            names.extend(self._context_names(expression.body, value))
        return names

    def _generator_manager(self, expression: ast.expr) -> Function | None:
        """The `@contextmanager` function that a `with` item calls, if it is seen."""
        if not isinstance(expression, ast.Call):
            return None
        with self.silently():
            callee = self.evaluate(expression.func)
        if isinstance(callee, Function) and any(
            _decorator(d).rpartition(".")[2] in ("contextmanager", "asynccontextmanager")
            for d in getattr(callee.node, "decorator_list", ())
        ):
            return callee
        return None

    def _through_generator(
        self, manager: Function, expression: ast.expr, target: ast.expr | None, inside: Callable[[], None]
    ) -> None:
        assert isinstance(expression, ast.Call)
        given = self._arguments(expression)
        outside = self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain
        own_contexts, own_sites = self.contexts, self.sites

        def at_yield() -> None:
            saved = self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain
            self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain = outside
            waiting, self._at_yield = self._at_yield, None
            extra = self.contexts - own_contexts
            sites, self.sites = self.sites, own_sites
            with self.within(*extra):
                if target is not None:
                    self.assign(target, self.make(target, role="managed"))
                inside()
            self._at_yield, self.sites = waiting, sites
            self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain = saved

        before, self._at_yield = self._at_yield, at_yield
        self.call_function(manager, given.args, given.keywords, expression, given.open)
        self._at_yield = before

    _at_yield: Callable[[], None] | None = None

    def yielded(self) -> None:
        if self._at_yield is not None:
            callback, self._at_yield = self._at_yield, None
            callback()

    # Loops

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.evaluate(node.iter)
        source = self._gone_over(over)
        if source is not None and is_validation(source.name):
            source.facts |= {"validation"}

        acts = any("acts" in one.facts for thing in things(over) for one in thing.ancestry())

        def body() -> None:
            self.assign(node.target, self.element(over, node.target))
            # What a generator does between two elements happens in the midst of the loop, here it stands before it.
            if acts:
                self.emit(Kind.ESCAPE, (EVERYTHING,), node.iter, how="generator")
            self.block(node.body)

        self._goes_through(node)
        self.repeat("for", node, source, body, endless=False, otherwise=node.orelse)

    def _gone_over(self, value: Value) -> Thing | None:
        """What a loop goes over, seen through `enumerate`, `zip` and the like."""
        thing = next(things(value), None)
        while (
            isinstance(thing, Collection)
            and thing.sources
            and not thing.items
            and thing.sources[0].type is not Type.TENSOR
        ):
            inner = thing.sources[0]
            if inner is thing:
                break
            thing = inner
        return thing

    def _while(self, node: ast.While) -> None:
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)

        def body() -> None:
            self.evaluate(node.test)
            self.block(node.body)

        self.repeat("while", node, None, body, endless=endless, otherwise=node.orelse)

    def repeat(
        self,
        kind: str,
        node: ast.AST,
        over: Thing | None,
        body: Callable[[], None],
        *,
        endless: bool,
        otherwise: Sequence[ast.stmt] = (),
    ) -> None:
        """A loop: its body is read once for what it changes, and once more with those changes as its start. What the
        loops inside it change is learnt on the way."""
        if not self.flow.ends:
            return
        mark = self.state.mark()
        learnt = self._learnt.pop((self.chain, node), None)
        if learnt is not None:
            self._begin_again([self._of_frame(changes, None, id(self.frame)) for changes in learnt])
        elif not self.flow.silent:
            self._learn(body)
        jumps = Jumps(mark)
        self.jumps.append(jumps)
        target = ast.unparse(node.target) if isinstance(node, ast.For | ast.AsyncFor) and not self.flow.silent else ""
        with self.flow.iteration(
            kind,
            self.place(node),
            over,
            endless=endless,
            again=jumps.again,
            leave=jumps.leave,
            target=target,
            function=self.frame.name,
        ):
            body()
            if self.flow.ends:
                jumps.again_states.append(self.state.changes(mark))
        self.jumps.pop()
        if self.flow.silent:
            again = [self._of_frame(changes, id(self.frame), None) for changes in jumps.again_states]
            self._learnt[self.chain, node] = again
        ends = [*jumps.leave_states, *(() if endless else jumps.again_states)]
        if self.flow.ends and otherwise:
            self.block(otherwise)
        if ends:
            self.state.rollback(mark)
            self.state.merge(ends, self.flow.now)
        self.flow.join(jumps.leave)

    def _learn(self, body: Callable[[], None]) -> None:
        """What one pass through the body may change: names may stand for the old or the new at its start."""
        budget = self.budget
        mark = self.state.mark()
        jumps = Jumps(mark)
        self.jumps.append(jumps)
        statement = self.statement
        contexts, exits = self.contexts, self.exits
        self.exits = [*exits]
        saved = [(len(e.values), len(e.states), len(e.target.ends), len(e.yields)) for e in exits]
        with self.silently():
            body()
            again = [*jumps.again_states, *([self.state.changes(mark)] if self.flow.ends else [])]
        for one, (values, states, ends, yields) in zip(exits, saved, strict=True):
            del one.values[values:], one.states[states:], one.target.ends[ends:], one.yields[yields:]
        self.exits, self.contexts, self.statement = exits, contexts, statement
        # What is learnt first must leave enough for the reading that counts.
        self.budget = max(self.budget, budget // 2)
        self.jumps.pop()
        self.state.rollback(mark)
        self._begin_again(again)

    def _begin_again(self, ways: list[Changes]) -> None:
        """A loop begins with what was there before it, or with what one of the ways through its body left."""
        if ways:
            unchanged: Changes = {}
            self.state.merge([unchanged, *ways], self.flow.now)

    @staticmethod
    def _of_frame(changes: Changes, this: int | None, other: int | None) -> Changes:
        """The same changes for another activation of the function that is being read."""
        return {(other if owner == this else owner, name): entry for (owner, name), entry in changes.items()}

    _learnt: dict[tuple[int, ast.AST], list[Changes]]
    """What loops were found to change while the loop around them was learnt, by where they are read from."""


def _called(node: ast.Call) -> str:
    """The last part of the name of the function that is called."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _gives_iterator(node: ast.expr) -> bool:
    """Whether an expression gives what can be gone through once: an iterator, or a bar around one."""
    if isinstance(node, ast.GeneratorExp):
        return True
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if _called(node) == "tqdm":
        return _gives_iterator(node.args[0])
    endless = any(isinstance(n, ast.Call) and _called(n) in ("cycle", "repeat", "count") for n in ast.walk(node))
    return isinstance(node.func, ast.Name) and node.func.id in ONE_SHOT and not endless


def _shown_in(node: ast.expr) -> list[ast.expr]:
    """The expressions that a display (a list, a dict of settings) holds, or the expression itself."""
    if isinstance(node, ast.List | ast.Tuple):
        return [part for element in node.elts for part in _shown_in(element)]
    if isinstance(node, ast.Dict):
        return [part for value in node.values for part in _shown_in(value)]
    return [node]


def is_tensor(thing: Thing) -> bool:
    """Whether a thing is a tensor by what made it: a function of torch, a loss."""
    if isinstance(thing, Instance | Collection) or thing.type not in (Type.TENSOR, Type.UNKNOWN):
        return False
    return bool(TENSOR_MAKERS.match(thing.made_by)) or "graded" in thing.facts or _of_default_batch(thing)


def _of_default_batch(thing: Thing) -> bool:
    """Whether a thing is taken out of the batch of a loader that stacks its samples as torch does by default."""
    return any(
        source.certain and source.made_by == "torch.utils.data.DataLoader" and "collate_fn" not in source.options
        for source in _batch_of(thing)
    )


def _unpacked(thing: Thing) -> bool:
    """Whether a thing is a part of a batch, not the batch itself, which may move itself."""
    return any(source.type is Type.LOADER or hint(source.name) is Type.LOADER for source in _batch_of(thing))


def _batch_of(thing: Thing) -> tuple[Thing, ...]:
    """What was looped over to get the batch that a thing is taken out of."""
    wholes = thing.sources if thing.owner is None else (thing.owner,)
    return tuple(loader for batch in wholes if batch.given for loader in batch.sources)


def _stands_for(node: ast.expr, name: str) -> bool:
    """Whether an expression is a name, at most moved to a device or type."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KEEPS_IDENTITY:
        node = node.func.value
    return isinstance(node, ast.Name) and node.id == name


_HANDLERS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: Statements._expression,
    ast.Assign: Statements._assign_statement,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Delete: Statements._delete,
    ast.FunctionDef: Statements._define,
    ast.AsyncFunctionDef: Statements._define,
    ast.ClassDef: Statements._define_class,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import,
    ast.Global: Statements._global,
    ast.Nonlocal: Statements._nonlocal,
    ast.Assert: Statements._assert,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Break: Statements._break,
    ast.Continue: Statements._continue,
    ast.If: Statements._if,
    ast.Match: Statements._match,
    ast.Try: Statements._try,
    ast.TryStar: Statements._try,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
    ast.For: Statements._for,
    ast.AsyncFor: Statements._for,
    ast.While: Statements._while,
}
